"""Bars of class balance: for few and short names, and for many, long and odd ones."""

from asl_core.figures.data import class_balance

SHORT = {"A": 3, "<b>": 2}
LONG = {f"Tomato___A_disease_of_the_leaf_number_{i:02d}": i for i in range(60)}


def test_few_short_names_stand_below_upright_bars() -> None:
    figure = class_balance(SHORT, {"A": 1, "<b>": 0})
    assert [bar.orientation for bar in figure.data] == ["v", "v"]
    assert [list(bar.y) for bar in figure.data] == [[3, 2], [1, 0]]
    assert figure.layout.xaxis.ticktext == ("A", "&lt;b&gt;")
    assert list(figure.data[0].customdata) == ["A", "&lt;b&gt;"]


def test_many_long_names_each_have_a_row_and_stay_apart() -> None:
    figure = class_balance(LONG, LONG)
    assert [bar.orientation for bar in figure.data] == ["h", "h"]
    assert list(figure.data[0].x) == list(LONG.values())
    ticks = figure.layout.yaxis.ticktext
    assert len(set(ticks)) == 60
    assert max(map(len, ticks)) <= 24
    assert list(figure.data[0].customdata) == list(LONG)  # whole on hover
    assert figure.layout.yaxis.autorange == "reversed"  # the first class on top
    assert figure.layout.height / 60 > 20
