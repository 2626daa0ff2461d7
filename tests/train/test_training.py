"""Training: it learns, twice the same, goes on where it was, and writes what evaluations take."""

from argparse import Namespace
from dataclasses import replace

import numpy as np
import pytest
import torch
from made_up import FPS, write_aligned, write_pickle

from videoalignment.datasets import Climbing
from videoalignment.errors import OptionError, UnusableFileError
from videoalignment.lamv_weights import read_lamv_weights
from videoalignment.models import LAMV
from videoalignment.periods import auto_periods, search_periods
from videoalignment.train import TrainingSettings, train_lamv, train_on_videos
from videoalignment.train.clips import split
from videoalignment.train.loop import Learner, best_epoch, train

QUICK = TrainingSettings(epochs=4, batch=8, augment=False)
MODEL = {"T": (211.0, 83.0, 37.0), "m": 6}


def noisy_slowly(root, seed: int = 0):
    """Climbing whose clips show the event by quick changes only: slow ones are of the clip itself.

    What a kernel can learn here is that low frequencies tell nothing.
    """
    write_aligned(root, "Climbing", seed, events=8)
    rng = np.random.default_rng(seed)
    from videoalignment.features.store import read_descriptors

    for path in sorted((root / "rmac_resnet34_29").rglob("*.pkl")):
        features = read_descriptors(path)
        corners = rng.standard_normal((len(features) // (4 * FPS) + 2, features.shape[1]))
        at = np.arange(len(features)) / (4 * FPS)
        left, share = at.astype(int), (at % 1)[:, None]
        slow = corners[left] * (1 - share) + corners[left + 1] * share
        mixed = features + 0.5 * slow
        mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
        write_pickle(path, mixed.astype(np.float32))
    return root


@pytest.fixture(scope="module")
def climbing(tmp_path_factory):
    return noisy_slowly(tmp_path_factory.mktemp("train") / "Climbing")


def trained(root, **changes):
    settings = replace(QUICK, **changes)
    return train_lamv(
        Climbing, root=root, model_options=MODEL, longest_frames=400, settings=settings,
        device="cpu",
    )  # fmt: skip


def test_it_learns_which_frequencies_tell_something(climbing):
    result = trained(climbing, epochs=25, learning_rate=0.1, pull=0.0, smoothness=0.01)
    assert result.after.validation.loss < 0.97 * result.before.validation.loss
    assert result.after.validation.below_1_s >= result.before.validation.below_1_s
    learnt = result.weights
    turns = np.arange(6) / np.array(learnt.kernel.periods)[:, None]
    weights = learnt.weights.numpy()
    slow, quick = weights[(turns > 0) & (turns < 1 / 60)], weights[turns > 1 / 40]
    assert np.median(quick) > 1.2 * np.median(slow)


def test_the_same_seed_gives_the_same_weights_and_another_gives_others(climbing):
    one, again, other = (trained(climbing, augment=True, seed=seed) for seed in (3, 3, 4))
    assert one.weights.digest == again.weights.digest
    assert one.history == again.history
    assert one.weights.digest != other.weights.digest


def test_the_file_says_how_and_gives_the_model_back(climbing, tmp_path):
    result = trained(climbing)
    path = tmp_path / "weights.safetensors"
    result.weights.write(path)
    read = read_lamv_weights(path)
    assert read.digest == result.weights.digest
    assert read.training["dataset"] == "Climbing"
    assert read.training["settings"]["epochs"] == 4
    assert read.training["after"]["loss"] <= read.training["before"]["loss"]
    assert LAMV(Namespace(lamv_weights=path)).kernel.m == 6


def test_periods_are_searched_where_a_shortest_one_is_given(climbing):
    settings = replace(QUICK, epochs=0)
    searched = train_lamv(
        Climbing, root=climbing, longest_frames=400, shortest_period=50.0, settings=settings
    )
    assert searched.weights.kernel.periods == search_periods(400, shortest=50.0).periods
    documented = train_lamv(Climbing, root=climbing, longest_frames=400, settings=settings)
    assert documented.weights.kernel.periods == auto_periods(400).periods


def test_whitenings_are_learnt_where_asked_for(climbing):
    result = trained(climbing, whiten=True, epochs=1)
    assert len(result.weights.whitenings) == 3
    if result.best:
        assert not torch.equal(result.weights.whitenings[0].dvt, result.weights.whitenings[1].dvt)


class Interrupted(Learner):
    """A training that somebody stops with Ctrl-C in its third epoch."""

    def epoch(self, clips, number):
        if number == 3:
            raise KeyboardInterrupt
        return super().epoch(clips, number)


def learner(kind=Learner, settings=QUICK) -> Learner:
    return kind(LAMV(Namespace(**MODEL)), replace(settings, augment=True), 400)


def test_what_was_interrupted_goes_on_as_if_it_had_not_been(climbing, tmp_path):
    sides = split(Climbing, root=climbing)
    whole = learner()
    history = train(whole, *sides)
    checkpoint = tmp_path / "weights.checkpoint.safetensors"
    with pytest.raises(KeyboardInterrupt):
        train(learner(Interrupted), *sides, checkpoint=checkpoint)
    resumed = learner()
    assert train(resumed, *sides, checkpoint=checkpoint) == history
    for name, tensor in whole.state().items():
        assert torch.equal(resumed.state()[name], tensor), name
    assert best_epoch(history) == int(np.argmin([e.validation.loss for e in history])) or (
        min(e.validation.loss for e in history)
        > history[best_epoch(history)].validation.loss - 1e-3
    )


def test_a_checkpoint_of_another_training_or_of_nothing_is_refused(climbing, tmp_path):
    sides = split(Climbing, root=climbing)
    checkpoint = tmp_path / "weights.checkpoint.safetensors"
    train(learner(settings=replace(QUICK, epochs=1)), *sides, checkpoint=checkpoint)
    with pytest.raises(UnusableFileError, match=r"other settings .*delete it to train anew"):
        train(learner(), *sides, checkpoint=checkpoint)
    for content in (b"", b"\xff" * 99):
        checkpoint.write_bytes(content)
        with pytest.raises(UnusableFileError, match=r"checkpoint\.safetensors: .*delete it"):
            train(learner(), *sides, checkpoint=checkpoint)


def test_training_ends_where_nothing_is_gained(climbing):
    history = trained(climbing, epochs=50, patience=2, learning_rate=1e-9).history
    assert len(history) == 3


def test_videos_without_annotations_train_a_kernel(tmp_path, own_cache, make_video):
    for i in range(4):
        source = f"life=size=64x48:rate=3:random_seed={i}:mold=10,format=yuv420p"
        make_video(f"videos/{i}.mp4", "-t", "5", source=source)
    make_video("videos/short.mp4", "-t", "1", source="testsrc=size=64x48:rate=3")
    result = train_on_videos(
        tmp_path / "videos", settings=replace(QUICK, epochs=1), device="cpu", edits=4
    )
    assert result.weights.recipe.network == "efficientnet_lite0"
    record = result.weights.training
    assert (record["clips"]["train"], record["clips"]["val"]) == (12, 4)


def test_too_few_videos_are_refused(tmp_path, make_video):
    make_video("videos/one.mp4")
    with pytest.raises(OptionError, match=r"`source` .*: 0 videos of 4 s or more"):
        train_on_videos(tmp_path / "videos")
