"""Figures of classes with any names: 1 to 60 characters, 2 to 60 of them, and tags among them."""

import json
from collections.abc import Iterator

import numpy as np
import plotly.graph_objects as go
import pytest

from asl_core import figures
from asl_core.evaluation.embedding import Embedding
from asl_core.evaluation.evaluation import Evaluation
from asl_core.figures.confusion import luminance, tints
from asl_core.figures.embedding import LABEL, apart, feature_map, map_labels
from asl_core.figures.labels import class_colors, escaped, shortened, to_lab, wrapped
from asl_core.figures.style import GRAY

LONG = "Tomato___Spider_mites Two-spotted_spider_mite and more of it"


def names(n: int) -> tuple[str, ...]:
    """Of all lengths; many begin and end alike, and one is a tag."""
    some = ("<i>", "A&amp;", LONG, *(f"Some_long_name_of_class_{i}_that_ends" for i in range(60)))
    return some[:n]


def evaluation(n: int) -> Evaluation:
    """Two images of each class; the second one is taken for the next class."""
    labels = np.repeat(np.arange(n), 2)
    probabilities = np.full((2 * n, n), 0.1 / n)
    probabilities[np.arange(2 * n), (labels + [0, 1] * n) % n] += 0.9
    files = tuple(f"<i>{label}/{i}.jpg" for i, label in enumerate(labels))
    return Evaluation(labels, probabilities, names(n), files, np.arange(2 * n))


def texts(value: object) -> Iterator[str]:
    """Every text in a figure's JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def all_figures(n: int) -> Iterator[go.Figure]:
    answers = evaluation(n)
    points = np.random.default_rng(0).random((2 * n, 2)).astype(np.float32)
    yield figures.confusion_matrix(answers)
    yield figures.probabilities(dict(zip(names(n), answers.probabilities[0], strict=True)))
    yield feature_map(answers, Embedding(points, "tsne", None))
    yield feature_map(answers, Embedding(points, "tsne", None), colored=names(n)[:2])


@pytest.mark.parametrize("n", [2, 29])
def test_no_figure_takes_a_name_for_a_tag(n: int) -> None:
    for figure in all_figures(n):
        found = list(texts(json.loads(figure.to_json())))
        assert not [text for text in found if "<i>" in text]
        assert any("&lt;i&gt;" in text for text in found)


@pytest.mark.parametrize("n", [2, 3, 12, 13, 29, 60])
def test_every_row_and_column_of_the_matrix_has_a_name_of_its_own(n: int) -> None:
    figure = figures.confusion_matrix(evaluation(n))
    for axis in (figure.layout.xaxis, figure.layout.yaxis):
        assert list(axis.tickvals) == list(range(n))
        assert len(set(axis.ticktext)) == n
        assert max(map(len, axis.ticktext)) <= 30
    assert figure.data[0].customdata[-1][0][0] == escaped(names(n)[-1])  # whole, in the hover


def test_no_name_beside_a_bar_is_cut() -> None:
    chances = dict(zip(names(29), np.linspace(0.1, 0, 29).tolist(), strict=True))
    ticks = figures.probabilities(chances).layout.yaxis.ticktext
    assert [tick.replace("<br>", "") for tick in ticks] == [escaped(n) for n in list(chances)[:10]]
    assert max(len(line) for tick in ticks for line in tick.split("<br>")) <= 20


@pytest.mark.parametrize("n", [2, 26, 60])
def test_labels_of_the_map_do_not_overlap(n: int) -> None:
    answers = evaluation(n)
    points = np.random.default_rng(1).normal(size=(2 * n, 2)).astype(np.float32)
    notes = feature_map(answers, Embedding(points, "tsne", None)).layout.annotations
    places = np.array([(note.x, note.y) for note in notes])
    assert len(places) == n
    span = np.ptp(points, axis=0) * LABEL
    overlap = (np.abs(places[:, None] - places) < 0.8 * span).all(axis=2)
    assert overlap.sum() == n  # each with itself


def test_labels_at_the_same_place_are_moved_apart() -> None:
    found = apart(np.full((4, 2), 0.5), (0.1, 0.1))
    distance = np.abs(found[:, None] - found).max(axis=2)
    assert (distance[~np.eye(4, dtype=bool)] > 0.09).all()


def test_a_map_has_numbers_for_long_names_and_short_names_themselves() -> None:
    assert map_labels(names(3)) == ["1", "2", "3"]
    assert map_labels(("A", "<b>", "nth")) == ["A", "<b>", "nth"]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_number_in_the_matrix_can_be_read(mode: figures.Mode) -> None:
    found = tints(mode)
    assert len(found) == 101
    pairs = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for pair in found for c in pair])
    tint, ink = luminance(pairs).reshape(101, 2).T
    contrast = (np.maximum(tint, ink) + 0.05) / (np.minimum(tint, ink) + 0.05)
    assert contrast.min() >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_number_in_the_saved_matrix_can_be_read(mode: figures.Mode) -> None:
    counts = np.array([[n, 100 - n] for n in range(101)])
    n = len(counts)
    labels = np.repeat(np.arange(n), 100)
    chances = np.zeros((100 * n, n))
    said = np.concatenate([np.repeat([0, 1], row) for row in counts])
    chances[np.arange(100 * n), said] = 1
    answers = Evaluation(labels, chances, tuple(map(str, range(n))), (), labels)
    heatmap, numbers = figures.confusion_matrix(answers, True, mode).data
    found = tints(mode)
    steps = np.rint(100 * heatmap.z).astype(int).ravel()
    assert set(steps) == set(range(101))
    assert [tint for _, tint in heatmap.colorscale] == [tint for tint, _ in found]
    assert list(numbers.textfont.color) == [found[step][1] for step in steps]


def test_a_map_of_many_classes_has_color_for_the_chosen_ones_alone() -> None:
    answers = evaluation(26)
    points = np.random.default_rng(2).normal(size=(52, 2)).astype(np.float32)
    chosen = (names(26)[7], names(26)[4])
    figure = feature_map(answers, Embedding(points, "tsne", None), colored=chosen)
    colors = [trace.marker.color for trace in figure.data]
    assert colors[:24] == [GRAY] * 24  # below the others
    assert {
        color: trace.customdata[0][2]
        for color, trace in zip(colors, figure.data, strict=True)
        if color != GRAY
    } == dict(zip(class_colors(2), chosen, strict=True))
    assert [note.text for note in figure.layout.annotations] == ["<b>2</b>", "<b>1</b>"]
    assert not feature_map(answers, Embedding(points, "tsne", None), colored=()).layout.annotations


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("n", "least"), [(3, 30), (26, 30), (60, 20)])
def test_colors_of_classes_are_told_apart(n: int, least: float, mode: figures.Mode) -> None:
    colors = class_colors(n, mode)
    assert len(colors) == n
    lab = to_lab(np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in colors]))
    distance = np.linalg.norm(lab[:, None] - lab, axis=2)
    assert distance[~np.eye(n, dtype=bool)].min() > least  # 2.3 can just be seen


def test_lab_of_known_colors() -> None:
    # Lindbloom's calculator, D65: white 100, 0, 0; red 53.24, 80.09, 67.20
    found = to_lab(np.array([[255, 255, 255], [255, 0, 0], [0, 0, 0]]))
    expected = np.array([[100, 0, 0], [53.24, 80.09, 67.2], [0, 0, 0]])
    np.testing.assert_allclose(found, expected, atol=0.05)


def test_a_name_is_broken_where_words_end() -> None:
    assert wrapped(LONG, 20) == (
        "Tomato___Spider_<br>mites Two-spotted_<br>spider_mite and <br>more of it"
    )
    assert wrapped("x" * 45, 20) == f"{'x' * 20}<br>{'x' * 20}<br>xxxxx"
    assert wrapped("<b>", 20) == "&lt;b&gt;"


def test_names_that_are_shortened_stay_different() -> None:
    assert shortened(["A", "<b>"], 18) == ["A", "&lt;b&gt;"]
    alike = [f"a long beginning {i} and a long end" for i in range(3)]
    assert shortened(alike, 12) == ["a long…g end 1", "a long…g end 2", "a long…g end 3"]
