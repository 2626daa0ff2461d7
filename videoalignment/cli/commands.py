"""The commands over the table of options: the verbs of `videoalignment`, and the scripts."""

from typing import Any

from videoalignment.cli.declare import Command, Option, spelled
from videoalignment.cli.options import options_of
from videoalignment.cli.options.shared import (
    ALIGN,
    EVALUATE,
    FEATURES,
    INDEX_ADD,
    INDEX_COMPACT,
    INDEX_DUPLICATES,
    INDEX_EXPORT,
    INDEX_IMPORT,
    INDEX_INFO,
    INDEX_REMOVE,
    INDEX_SEARCH,
    RMAC_FEATURES,
    SCORE,
    SYNC,
    TMK_ALIGN,
    TMK_CLUSTER,
    TMK_HASH,
    TMK_SCORE,
    TMK_VERIFY,
    TRAIN,
    TRAIN_PCA,
)

_ERRORS = {2: "an error, told in one line", 130: "interrupted"}
_VIDEO_ERRORS = {2: "a video failed, or an error; one line each", 130: "interrupted"}


def _command(
    title: str, parts: tuple[str, ...], arguments: tuple[str, ...], **rest: Any
) -> Command:
    """A command that has the options of `parts`, of which `arguments` are given by their place."""
    options = {option.parameter: option for option in options_of(*parts)}
    by_place: list[Option] = [options.pop(parameter) for parameter in arguments]
    return Command(title, arguments=tuple(by_place), options=tuple(options.values()), **rest)


VERBS = {
    ALIGN: _command(
        "videoalignment align",
        (ALIGN,),
        ("a", "b"),
        body="videoalignment.cli.align:align",
        summary="Say when A starts in B, to a fraction of a frame, or that the two do not match.",
        notes="Pictures and sounds are compared. Features of a video are kept in a cache by its "
        "content, so that asking again is quick.",
        statuses={0: "the videos match", 1: "they do not", **_ERRORS},
        examples=(
            "videoalignment align phone.mp4 camera.mp4",
            "videoalignment align phone.mp4 camera.mp4 --report report.html",
            "videoalignment align phone.mp4 recorder.wav --by sound",
            "videoalignment align phone.mp4 camera.mp4 --edl sync.edl --otio sync.otio",
            "videoalignment align copy.mp4 original.mp4 --json - | jq .offset_s",
            "videoalignment align copy.mp4 original.mp4 --features copy.npz original.npz",
        ),
    ),
    SYNC: _command(
        "videoalignment sync",
        (SYNC,),
        ("paths",),
        body="videoalignment.cli.sync:sync",
        summary="Put many recordings of one event, or of several, on one timeline each.",
        notes="Pairs that contradict the rest are named and left out. Features of a recording are "
        "kept in a cache by its content, so that asking again is quick.",
        statuses={0: "some were placed", 1: "no two share a moment", **_ERRORS},
        examples=(
            "videoalignment sync phone.mp4 camera.mp4 drone.mp4 --out timeline",
            "videoalignment sync wedding/ --out timeline --for premiere --for kdenlive",
            "videoalignment sync wedding/ --out timeline --cut timeline/cut --at-least 3",
            "videoalignment sync wedding/ --out timeline --by picture --json - | jq .groups",
        ),
    ),
    FEATURES: _command(
        "videoalignment features",
        (FEATURES,),
        ("source", "out_folder"),
        body="videoalignment.cli.features:features",
        summary="Describe the frames of videos: a network's features, R-MAC, PCA whitening.",
        notes="rmac_features.py does the same with the defaults of the published features.",
        statuses={0: "done", **_VIDEO_ERRORS},
        examples=(
            "videoalignment features holiday.mp4 features",
            "videoalignment features videos/ features --device cuda --precision bfloat16",
            "videoalignment features videos/ features --backbone resnet34 --pca pca/YFCC100M_pca",
        ),
    ),
    TRAIN_PCA: _command(
        "videoalignment train-pca",
        (TRAIN_PCA,),
        ("source", "pca_prefix"),
        body="videoalignment.cli.features:train_whitening",
        summary="Train a PCA whitening on videos, for `videoalignment features --pca`.",
        notes="Broken off, it goes on where it was.",
        statuses={0: "done", **_VIDEO_ERRORS},
        examples=(
            "videoalignment train-pca videos/ pca/mine",
            "videoalignment train-pca videos/ pca/mine --pca-dimensions 64 --max-frames 100",
        ),
    ),
    EVALUATE: _command(
        "videoalignment evaluate",
        (EVALUATE,),
        (),
        body="videoalignment.cli.evaluate:evaluate",
        summary="Evaluate a model on a dataset, from frame features on disk to the published "
        "table.",
        notes="main.py does the same.",
        statuses={0: "done", **_ERRORS},
        examples=(
            "videoalignment evaluate --dataset-test Climbing --model TMK --output-dir results",
            "videoalignment evaluate --dataset-test EVVE --query-expansion aqe --output-dir out",
            "videoalignment evaluate --dataset-test my.data:Mine --output-dir results",
            "videoalignment evaluate --summary results",
        ),
    ),
    TRAIN: _command(
        "videoalignment train",
        (TRAIN,),
        ("source",),
        body="videoalignment.cli.train:train",
        summary="Train the temporal match kernel: which frequencies count, for model LAMV.",
        notes="A folder of videos needs no annotation: clips are cut out of them and edited. "
        "Broken off, it goes on where it was.",
        statuses={0: "done", **_ERRORS},
        examples=(
            "videoalignment train Madonna --out madonna.safetensors",
            "videoalignment train videos/ --out mine.safetensors --results-dir results/training",
            "videoalignment evaluate --dataset-test Madonna --model LAMV "
            "--lamv-weights mine.safetensors --output-dir results",
        ),
    ),
    SCORE: _command(
        "videoalignment score",
        (SCORE,),
        (),
        body="videoalignment.cli.score:score",
        summary="Score predictions of copied segments as VCSL or VSC2022 do.",
        notes="Published numbers stand beside them; labels are named by their digest.",
        statuses={0: "done", **_ERRORS},
        examples=(
            "videoalignment score --protocol vcsl --predictions mine.json --labels labels.json",
            "videoalignment score --protocol vsc --predictions mine.csv --labels truth.csv",
        ),
    ),
    INDEX_ADD: _command(
        "videoalignment index add",
        (INDEX_ADD,),
        ("index", "sources"),
        body="videoalignment.cli.index:add",
        summary="Add videos to an index, which is made where there is none.",
        notes="Videos whose content is there are left out, so that an interrupted command goes on "
        "where it was.",
        statuses={0: "done", **_VIDEO_ERRORS},
        examples=(
            "videoalignment index add archive.index videos/",
            "videoalignment index add archive.index videos/ --shard 3/16",
            "videoalignment index add milvus:http://localhost:19530 videos/",
        ),
    ),
    INDEX_SEARCH: _command(
        "videoalignment index search",
        (INDEX_SEARCH,),
        ("index", "videos"),
        body="videoalignment.cli.index:search",
        summary="Say which videos of an index hold a clip, where exactly, and how sure that is.",
        statuses={0: "found", 1: "no video holds one of the clips", **_ERRORS},
        examples=(
            "videoalignment index search archive.index clip.mp4",
            "videoalignment index search archive.index clip.mp4 --json - | jq .answers",
            "videoalignment index search archive.index clips/a.mp4 clips/b.mp4 --files",
        ),
    ),
    INDEX_DUPLICATES: _command(
        "videoalignment index duplicates",
        (INDEX_DUPLICATES,),
        ("index",),
        body="videoalignment.cli.index:duplicates",
        summary="Group the videos of an index that are the same, and tell what others share.",
        statuses={0: "some share something", 1: "nothing is shared", **_ERRORS},
        examples=("videoalignment index duplicates archive.index --out report.html",),
    ),
    INDEX_REMOVE: _command(
        "videoalignment index remove",
        (INDEX_REMOVE,),
        ("index", "names"),
        body="videoalignment.cli.index:remove",
        summary="Remove videos from an index.",
        statuses={0: "done", **_ERRORS},
        examples=("videoalignment index remove archive.index videos/old.mp4",),
    ),
    INDEX_INFO: _command(
        "videoalignment index info",
        (INDEX_INFO,),
        ("index",),
        body="videoalignment.cli.index:info",
        summary="Say what is in an index.",
        statuses={0: "done", **_ERRORS},
        examples=("videoalignment index info archive.index --json -",),
    ),
    INDEX_COMPACT: _command(
        "videoalignment index compact",
        (INDEX_COMPACT,),
        ("index",),
        body="videoalignment.cli.index:compact",
        summary="Make an index that grew in many steps as fast as if it had been made at once.",
        statuses={0: "done", **_ERRORS},
        examples=("videoalignment index compact archive.index",),
    ),
    INDEX_EXPORT: _command(
        "videoalignment index export",
        (INDEX_EXPORT,),
        ("index", "file"),
        body="videoalignment.cli.index:export",
        summary="Write an index into one file, to be imported elsewhere.",
        statuses={0: "done", **_ERRORS},
        examples=("videoalignment index export archive.index archive.parquet",),
    ),
    INDEX_IMPORT: _command(
        "videoalignment index import",
        (INDEX_IMPORT,),
        ("index", "file"),
        body="videoalignment.cli.index:import_file",
        summary="Add what another index exported.",
        statuses={0: "done", **_ERRORS},
        examples=("videoalignment index import archive.index part3.parquet",),
    ),
    TMK_HASH: _command(
        "videoalignment tmk hash",
        (TMK_HASH,),
        ("sources",),
        body="videoalignment.cli.tmk:make_hashes",
        summary="Make the TMK+PDQF hashes of videos, to the byte as others make them.",
        notes="Hashes that are there already are not made again.",
        statuses={0: "done", **_VIDEO_ERRORS},
        examples=("videoalignment tmk hash videos/ --out hashes",),
    ),
    TMK_SCORE: _command(
        "videoalignment tmk score",
        (TMK_SCORE,),
        ("hashes",),
        body="videoalignment.cli.tmk:score",
        summary="Score pairs of hashes: level 1, of mean features, and level 2, over all offsets.",
        statuses={0: "done", **_ERRORS},
        examples=(
            "videoalignment tmk score hashes/",
            "videoalignment tmk score query.tmk --against hashes/ --json -",
        ),
    ),
    TMK_CLUSTER: _command(
        "videoalignment tmk cluster",
        (TMK_CLUSTER,),
        ("hashes",),
        body="videoalignment.cli.tmk:cluster",
        summary="Group hashes: two are together if a chain of pairs that pass both levels joins "
        "them.",
        statuses={0: "done", **_ERRORS},
        examples=("videoalignment tmk cluster hashes/ --level1 0.8",),
    ),
    TMK_ALIGN: _command(
        "videoalignment tmk align",
        (TMK_ALIGN,),
        ("a", "b"),
        body="videoalignment.cli.tmk:align",
        summary="Say where A lies in B, from their hashes alone, or that these cannot tell.",
        statuses={0: "found", 1: "the hashes cannot tell", **_ERRORS},
        examples=("videoalignment tmk align clip.tmk whole.tmk",),
    ),
    TMK_VERIFY: _command(
        "videoalignment tmk verify",
        (TMK_VERIFY,),
        ("video", "hash_file"),
        body="videoalignment.cli.tmk:verify",
        summary="Make a video's hash and say how far it is from a given one.",
        statuses={0: "the same to the byte", 1: "not", **_ERRORS},
        examples=("videoalignment tmk verify video.mp4 video.tmk",),
    ),
}
"""By what follows `videoalignment`, a word or two."""

SCRIPTS = {
    "main.py": _command(
        "python main.py",
        (EVALUATE,),
        (),
        body=VERBS[EVALUATE].body,
        summary=VERBS[EVALUATE].summary,
        notes="`videoalignment evaluate` does the same.",
        statuses=VERBS[EVALUATE].statuses,
        examples=(
            "python main.py --dataset_test Climbing --model TMK --output_dir results",
            "python main.py --dataset_test EVVE --query_expansion aqe --output_dir results",
            "python main.py --summary results",
        ),
        script=True,
    ),
    RMAC_FEATURES: _command(
        "python rmac_features.py",
        (FEATURES, TRAIN_PCA, RMAC_FEATURES),
        ("source", "pca_prefix", "out_folder"),
        body="videoalignment.cli.features:rmac_features",
        summary="The published frame features: ResNet-34, R-MAC, PCA whitening; or, with "
        "--train_pca, the PCA.",
        notes="Writes OUT_FOLDER/rmac_resnet34_29/NAME.pkl for each video, or "
        "PREFIX_mean_resnet34_29.t7 and PREFIX_Dvt_resnet34_29.t7; docs/features.md tells more.",
        statuses={0: "done", **_VIDEO_ERRORS},
        examples=(
            "python rmac_features.py videos/ pca/YFCC100M_pca features",
            "python rmac_features.py videos/ none features --backbone efficientnet_lite0",
            "python rmac_features.py videos/ pca/mine features --train_pca",
        ),
        script=True,
    ),
}


def flags_of(command: Command) -> dict[str, str]:
    """What the user of a command calls parameters: its own first, then options of other verbs."""
    others = (option for verb in VERBS.values() for option in verb.options)
    flags = {option.parameter: spelled(option, script=command.script) for option in others}
    own = (*command.arguments, *command.options)
    return flags | {option.parameter: command.shown(option) for option in own}
