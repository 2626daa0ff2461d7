"""Whole runs of main.py, as processes of their own: wall time and peak memory.

The datasets are found as main.py finds them (environment variables, TOML file, my_data.py), so
that the same program measures the real data, or made-up features at the real size.

example: python -m benchmarks.whole_runs Climbing VCDB --model TMK TMK_Poullot
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import describe_machine, run_process
from videoalignment.models import MODELS
from videoalignment.my_data import DATASETS

_MAIN = Path(__file__).resolve().parent.parent / "main.py"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dataset", nargs="+", choices=list(DATASETS))
    parser.add_argument("--model", nargs="+", choices=list(MODELS), default=["TMK"])
    parser.add_argument("--rounds", type=int, default=1, help="runs of each; the fastest counts")
    arguments = parser.parse_args()
    print(describe_machine())
    stages = ("features", "descriptors", "matching", "evaluation")
    print(f"\n| run | pairs | wall s | peak GiB | {' | '.join(f'{s} s' for s in stages)} |")
    print("|---" * (4 + len(stages)) + "|")
    for dataset in arguments.dataset:
        for model in arguments.model:
            runs = []
            for _ in range(arguments.rounds):
                with tempfile.TemporaryDirectory() as folder:
                    command = [sys.executable, str(_MAIN), "--dataset_test", dataset]
                    command += ["--model", model, "--output_dir", folder]
                    seconds, gib, _ = run_process(command, {})
                    content = (Path(folder) / f"{model}_{dataset}" / "results.json").read_text()
                runs.append((seconds, gib, json.loads(content)))
            seconds, gib, results = min(runs, key=lambda run: run[0])
            timings = " | ".join(f"{results['timings_s'][stage]:.1f}" for stage in stages)
            print(
                f"| {model} on {dataset} | {results['pairs']:,} "
                f"| {seconds:.1f} | {gib:.2f} | {timings} |"
            )


if __name__ == "__main__":
    main()
