"""Print what was fitted as it stands in the package."""

from sklearn.linear_model import LogisticRegression

from videoalignment.provenance import Digested


def print_calibration(name: str, model: LogisticRegression, settings: Digested) -> None:
    """Print a fitted decision.

    Args:
        name: of the constant.
        model: logistic, of the measures in their order.
        settings: what it was fitted with.
    """
    print(f"{name} = Calibration(")
    print(f"    weights=({', '.join(f'{weight:.3f}' for weight in model.coef_[0])}),")
    print(f"    intercept={model.intercept_[0]:.3f},")
    print(f'    settings="{settings.digest}",')
    print(")")
