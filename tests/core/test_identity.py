"""Numbers that identify people and units."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from core import identity

SPECIMEN = "11010519491231002X"  # the worked example of the standard's own literature


def complete(first17: str) -> str:
    return first17 + ric.calc_check_digit(first17 + "0")


births = st.dates(min_value=date(1900, 1, 1), max_value=date(2020, 12, 31))
demo_numbers = st.builds(
    lambda area, born, order: complete(f"99{area:04d}{born:%Y%m%d}{order:03d}"),
    st.integers(0, 9999),
    births,
    st.integers(1, 999),
)


@given(demo_numbers)
def test_every_well_formed_number_passes_and_says_who_it_is(number: str) -> None:
    assert identity.id_fault(number, demo=True) is None
    assert f"{identity.birth_of(number):%Y%m%d}" == number[6:14]
    assert identity.sex_of(number) == ("1" if int(number[16]) % 2 else "2")


@given(demo_numbers, st.integers(0, 17), st.integers(1, 9))
def test_any_single_digit_changed_is_refused(number: str, at: int, shift: int) -> None:
    old = number[at]
    new = "0123456789"[(int(old) + shift) % 10] if old.isdigit() else str(shift)
    assert identity.id_fault(number[:at] + new + number[at + 1 :], demo=True) is not None


@given(demo_numbers, st.integers(0, 16))
def test_two_neighbours_exchanged_are_refused(number: str, at: int) -> None:
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    assert swapped == number or identity.id_fault(swapped, demo=True) is not None


def test_demo_region_is_refused_outside_a_demonstration() -> None:
    number = complete("99000119870302001")
    assert identity.id_fault(number, demo=True) is None
    assert identity.id_fault(number, demo=False) == "id_region"
    assert identity.id_fault(SPECIMEN, demo=False) is None


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", "id_length"),
        ("110105491231002", "id_length"),
        ("1101051949123100X2", "id_length"),
        ("110105194912310021", "id_checksum"),
        (complete("00010519491231002"), "id_region"),
        (complete("98010519491231002"), "id_region"),
        (complete("11010519490230002"), "id_birth"),
        (complete("11010517491231002"), "id_birth"),
    ],
)
def test_each_fault_has_its_code(number: str, code: str) -> None:
    assert identity.id_fault(number, demo=False) == code


def test_nobody_is_born_tomorrow() -> None:
    later = identity.today() + timedelta(days=1)
    assert identity.id_fault(complete(f"110105{later:%Y%m%d}002"), demo=False) == "id_birth"


@pytest.mark.parametrize(
    "written",
    [
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105 19491231 002x",
        "'11010519491231002X",
        "110105-19491231-002X",
        "\u200b11010519491231002x\n",
    ],
)
def test_writing_habits_are_forgiven(written: str) -> None:
    assert identity.normalise_id(written) == SPECIMEN


def test_masks_keep_six_and_four_or_three_and_four() -> None:
    assert identity.mask_id("994439194605048073") == "994439********8073"
    assert identity.mask_id("12345678") == "********"
    assert identity.mask_id("") == ""
    assert identity.mask_phone("18564680097") == "185****0097"
    assert identity.mask_phone("0571-88881234") == "0571-******34"
    assert identity.mask_phone("88881234") == "******34"
    assert identity.mask_phone("1234") == "****"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("181-5050-5196", "18150505196"),
        ("+86 181 5050 5196", "18150505196"),
        ("008618150505196", "18150505196"),
        ("8618150505196", "18150505196"),
        ("１８１５０５０５１９６", "18150505196"),
        ("(0571)88881234", "0571-88881234"),
        ("0571-88881234转8001", "0571-88881234-8001"),
        ("010-62345678", "010-62345678"),
        ("01062345678", "010-62345678"),
        ("88881234", "88881234"),
    ],
)
def test_telephones_come_to_one_form(written: str, number: str) -> None:
    assert identity.normalise_phone(written) == number
    assert identity.phone_valid(number)
    assert identity.normalise_phone(number) == number


@pytest.mark.parametrize("odd", ["12345", "13800138000/13900139000", "没有", "11150505196"])
def test_what_is_no_telephone_stays_as_written(odd: str) -> None:
    assert identity.normalise_phone(odd) == odd
    assert not identity.phone_valid(odd)


def test_credit_code_of_a_unit_is_checked() -> None:
    assert identity.uscc_valid("91110000600037341L")
    assert not identity.uscc_valid("91110000600037342L")
    assert identity.normalise_uscc(" ９１110000 600037341l ") == "91110000600037341L"
