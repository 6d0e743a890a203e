"""Where tensors live: chosen by itself, or by name for a whole process."""

import pytest
import torch

from engine.device import choose, device, one_thread
from engine.model import DataError


@pytest.fixture(autouse=True)
def _leave_it_as_it_was():
    yield
    choose("auto")


def test_auto_is_cuda_where_there_is_one():
    assert choose() == device() == torch.device("cuda" if torch.cuda.is_available() else "cpu")


def test_the_cpu_can_be_chosen_and_unchosen():
    assert choose("cpu") == device() == torch.device("cpu")
    assert choose("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_no_gpu_is_said_in_a_sentence():
    with pytest.raises(DataError, match=r"no CUDA device.*\.$"):
        choose("cuda")
    assert device() == torch.device("cpu")


def test_an_unknown_device_gets_a_sentence():
    with pytest.raises(DataError, match="no device 'tpu'"):
        choose("tpu")


def test_one_thread_for_a_while():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with one_thread():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
