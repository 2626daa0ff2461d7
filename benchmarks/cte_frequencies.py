"""How many frequencies does CTE need? Its metrics and time on datasets, by m.

example: python -m benchmarks.cte_frequencies Climbing Madonna --m 128 256 512 1024 2048
"""

import argparse

from benchmarks.measuring import describe_machine
from videoalignment.eval.options import EvaluationOptions
from videoalignment.eval.run import run_evaluation
from videoalignment.my_data import DATASETS


def main() -> None:
    """Measure and print a table a dataset."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dataset", nargs="+", choices=list(DATASETS))
    parser.add_argument("--m", nargs="+", type=int, default=[128, 256, 512, 1024, 2048])
    arguments = parser.parse_args()
    print(describe_machine())
    for dataset in arguments.dataset:
        print(f"\n{dataset}")
        for m in arguments.m:
            evaluation = run_evaluation(EvaluationOptions(dataset=dataset, model="CTE", m=m))
            metrics = ", ".join(
                f"{metric.name} {100 * metric.value:.2f}" for metric in evaluation.result.metrics
            )
            seconds = evaluation.record.timings_s
            print(
                f"m = {m}: {metrics}; descriptors {seconds['descriptors']:.1f} s, "
                f"matching {seconds['matching']:.1f} s"
            )


if __name__ == "__main__":
    main()
