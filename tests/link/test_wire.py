import contextlib
import random

import pytest

from labkit.link.wire import pack, socket_path, unpack


@pytest.mark.parametrize(
    "buffers", [[], [b""], [b"abc"], [b"x" * 8, b"", b"y" * 13], [bytearray(b"abc"), memoryview(b"12")]]
)
def test_a_frame_comes_out_as_it_went_in_and_its_buffers_are_aligned(buffers):
    frame = pack("scope", "v1", {"type": "für"}, buffers)
    channel, view, message, found = unpack(frame)
    assert (channel, view, message) == ("scope", "v1", {"type": "für"})
    assert [bytes(part) for part in found] == [bytes(part) for part in buffers]
    assert all((len(frame) - len(memoryview(frame)[frame.rindex(bytes(part)) :])) % 8 == 0 for part in found if part)


def test_no_nonsense_passes_for_a_frame():
    rng = random.Random(1)
    whole = pack("scope", "v1", {"type": "hello"}, [b"12345678", b"abc"])
    for length in range(len(whole) - 8):
        with pytest.raises(ValueError):
            unpack(whole[:length])
    for _ in range(2000):
        broken = bytearray(whole)
        broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
        with contextlib.suppress(ValueError):
            unpack(bytes(broken))
    for size in ("-1", "1e3", "true", "99", '"8"', "null", "[8]"):
        head = f'["a","b",null,[{size}]]'.encode()
        with pytest.raises(ValueError):
            unpack(len(head).to_bytes(4, "little") + head + b"12345678")
    for head in (b"{}", b"[]", b'["a"]', b'["a",1,2]', b'["a","b",1,[],[]]', b"[" * 100_000):
        with pytest.raises(ValueError):
            unpack(len(head).to_bytes(4, "little") + head)


@pytest.mark.parametrize("name", ["", "..", "../kernel", "a/b", "a.b", "a\0", "a" * 65, "ä"])
def test_no_name_leads_out_of_the_folder(name):
    with pytest.raises(ValueError, match="no kernel's id"):
        socket_path(name)
