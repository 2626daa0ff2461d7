"""Options of `videoalignment score`."""

from videoalignment.cli.declare import Option, panel
from videoalignment.cli.options.shared import ANSWER, FILE, FOLDER, SCORE

SCORE_OPTIONS = (
    *panel(
        "Segments",
        (SCORE,),
        Option(
            "protocol",
            "whose protocol: VCSL's, or that of VSC2022",
            choices=("vcsl", "vsc"),
            required=True,
        ),
        Option(
            "predictions",
            "the predictions in the benchmark's form: JSON (vcsl) or CSV (vsc)",
            required=True,
            **FILE,
        ),
        Option(
            "labels",
            "the true segments in the same form; for vcsl also VCDB's folder annotation/",
            required=True,
            **FILE,
        ),
        Option(
            "pairs",
            "which pairs are judged, CSV query_id,reference_id (vcsl)",
            shown_default="those of the predictions",
            **FILE,
        ),
        Option("seed", "of the bootstrap intervals", kind=int, default=0),
    ),
    *panel(
        ANSWER,
        (SCORE,),
        Option("json", "write the scores as JSON; - for stdout, and nothing else there", **FILE),
        Option("plot", "draw the scores beside the published ones", **FILE),
        Option("out", "gets scores.json, plot.png and, for vcsl, per_query.csv", **FOLDER),
    ),
)
