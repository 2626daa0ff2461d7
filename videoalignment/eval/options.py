"""What an evaluation can be told, importable in no time: neither torch nor NumPy is needed here."""

from dataclasses import dataclass, fields

MODEL_NAMES = ("TMK", "TMK_Poullot", "CTE", "SumAggregation")
NORMALISATION_NAMES = ("feat", "freq", "feat_freq", "matrix")
PRECISION_NAMES = ("float32", "float16", "bfloat16")


# Options that are in the name anyway, or do not change the result.
_UNNAMED = ("dataset", "model", "device", "seed", "b_s", "pca_mean", "pca_DVt")


@dataclass(frozen=True)
class EvaluationOptions:
    """Options of an evaluation. The models read theirs from here, so names are the published ones.

    None stands for the model's or the dataset's own default.
    """

    dataset: str
    model: str
    m: int | None = None
    T: tuple[int, ...] = (9767, 2731, 1039, 253)
    norm: str = "feat_freq"
    fft_length: int | None = None
    use_pca: int = 0
    multiple_pca: int = 0
    pca_mean: str | None = None
    pca_DVt: str | None = None
    query_expansion: str | None = None
    rule: str = "reference"
    resnet_level: int = 29
    phase: str = "all"
    fold_index: int = 0
    allow_missing: bool = False
    precision: str = "float32"
    device: str = "auto"
    seed: int = 0
    b_s: int = 16

    @property
    def run_name(self) -> str:
        """The run's folder: MODEL_DATASET, then the options that change the result."""
        parts = [self.model, self.dataset]
        for option in fields(self):
            value = getattr(self, option.name)
            if option.name in _UNNAMED or value == option.default:
                continue
            if option.name == "query_expansion":
                parts.append(value)
            elif isinstance(value, tuple):
                parts.append(option.name + "-".join(map(str, value)))
            else:
                parts.append(f"{option.name}-{value}")
        return "_".join(parts)
