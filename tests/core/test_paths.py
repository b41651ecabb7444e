"""Paths: order, ranges and ancestors agree with the tree they stand for."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import paths

numbers = st.lists(st.integers(1, 36**4 - 1), min_size=1, max_size=8)


def path_of(steps: list[int]) -> str:
    return "".join(paths.segment(n) for n in steps)


@given(numbers, numbers)
def test_the_range_is_the_subtree(one, other):
    top, node = path_of(one), path_of(other)
    inside = other[: len(one)] == one
    assert (top <= node < paths.upper(top)) is inside
    assert paths.covers(top, node) is inside


@given(st.integers(1, 36**4 - 2))
def test_segments_sort_as_their_numbers(number):
    assert paths.segment(number) < paths.segment(number + 1)
    assert len(paths.segment(number)) == paths.WIDTH


@pytest.mark.parametrize("number", [0, -1, 36**4])
def test_there_is_no_segment_beyond_the_width(number):
    with pytest.raises(ValueError, match=str(number)):
        paths.segment(number)


@given(numbers)
def test_ancestors_lead_from_the_root_to_the_node(steps):
    path = path_of(steps)
    line = paths.ancestors(path)
    assert line[-1] == path
    assert [paths.depth(p) for p in line] == list(range(1, len(steps) + 1))
    assert all(paths.parent_path(lower) == upper for upper, lower in pairwise(line))
    assert paths.child_path(path, 7) == path + "0007"


@given(st.lists(numbers, max_size=8))
def test_outermost_keeps_what_covers_all_and_nothing_nested(many):
    every = [path_of(steps) for steps in many]
    kept = paths.outermost(every)
    assert set(kept) <= set(every)
    assert all(any(paths.covers(top, path) for top in kept) for path in every)
    assert not any(paths.covers(a, b) for a in kept for b in kept if a != b)
