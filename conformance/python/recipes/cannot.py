"""What of the cookbook does not run here, and why that is so."""

from importlib.util import find_spec

VISION = "needs a model that sees pictures; this server has text models only"
SOUND = "needs a model that hears; this server has text models only"
SANDBOX = "runs the model's programs in a sandbox service, and tests against a data set of gigabytes"


def needs(package: str) -> str:
    """The reason, which is a fact of this environment."""
    assert find_spec(package) is None, f"'{package}' is here now: the recipe may run"
    return f"needs the package '{package}', which is not among the pinned ones"


def reasons() -> dict[str, str]:
    return {
        "vlm_classifier": VISION,
        "audio asr, emotion, medical_asr": SOUND,
        "code_rl": SANDBOX,
        "harbor_rl": "starts containers through a sandbox service",
        "distillation on_policy_distillation_harbor_multi_turn": "starts containers through a sandbox service",
        "search_tool": needs("chromadb") + ", an embedding service and its index of Wikipedia",
        "verifiers_rl": needs("verifiers"),
        "multiplayer_rl text_arena": needs("textarena"),
        "forecasting": "downloads its questions from a service on the internet",
        "eval inspect": needs("inspect_ai"),
    }
