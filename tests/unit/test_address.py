"""Addresses of a shared cache: what they mean, and the sentence for one that means nothing."""

import pytest

from cache.address import OPTIONS, Address, AddressError


def test_redis():
    address = Address("redis://me:s%3Acret%40@cache.example:7000/3?namespace=team-a&readonly=1&timeout=0.25")
    assert (address.scheme, address.host, address.port, address.db) == ("redis", "cache.example", 7000, 3)
    assert (address.user, address.password) == ("me", "s:cret@")
    assert (address.namespace, address.readonly, address.seconds) == ("team-a", True, 0.25)
    assert address.label == "redis://cache.example:7000/3"


def test_what_is_left_out_has_a_default():
    address = Address("redis://cache.example")
    assert (address.port, address.db, address.user, address.password) == (6379, 0, "", "")
    assert (address.namespace, address.readonly, address.connect_seconds, address.seconds) == ("llmcc", False, 0.5, 2)
    assert (address.ca, address.password_file) == ("", "")
    assert Address("http://h").port == 80
    assert Address("https://h").port == 443
    assert Address("rediss://h").port == 6379


def test_http():
    address = Address("https://me:pw@[::1]:8443/cache/of%20ours/?ca=/etc/ca.pem&connect-timeout=1")
    assert (address.host, address.port, address.path) == ("::1", 8443, "/cache/of%20ours")
    assert (address.ca, address.connect_seconds) == ("/etc/ca.pem", 1)
    assert address.label == "https://[::1]:8443/cache/of%20ours"
    assert Address("http://h/").path == Address("http://h").path == ""


def test_a_socket():
    address = Address("unix://:pw@/run/my%20redis.sock?db=2&password-file=")
    assert (address.host, address.path, address.db) == ("", "/run/my redis.sock", 2)
    assert (address.user, address.password) == ("", "pw")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cache.example", "must begin with one of http://, https://, redis://, rediss://, unix://"),
        ("ftp://h/", "must begin with one of "),
        ("redis://", "must name a host"),
        ("redis:///0", "must name a host"),
        ("unix://h/s", "must name the socket by its whole path"),
        ("unix://", "must name the socket by its whole path"),
        ("redis://h:99999/0", "a port from 1 to 65535"),
        ("redis://h:0/0", "a port from 1 to 65535"),
        ("redis://me:a/b@h/0", "a port from 1 to 65535; a / : @ or ? in a user name or password is written %2F"),
        ("redis://[::1/0", "an IPv6 address in brackets"),
        ("redis://h/zero", "a whole number as database"),
        ("redis://h/0?db=1", "takes the option db for unix:// alone"),
        ("redis://h/0?namspace=x", "has an option that there is not: namspace; did you mean namespace?"),
        ("redis://h/0?read-only=1", "did you mean readonly?"),
        ("redis://h/0?xyz=1", f"xyz; it takes {', '.join(OPTIONS)}"),
        ("redis://h/0?readonly=yes", "readonly, which must be 1 or 0"),
        ("redis://h/0?timeout=0", "timeout, which must be a number of seconds, at most 60"),
        ("redis://h/0?timeout=nan", "timeout, which must be a number"),
        ("redis://h/0?connect-timeout=1e9", "connect-timeout, which must be a number"),
        ("redis://h/0?namespace=", "must have a namespace"),
        ("redis://h/0?namespace=a/b", "must have a namespace"),
        ("redis://h/0?password-file=pw", "must be a whole path"),
        ("redis://:pw@h/0?password-file=/pw", "has a password and a password-file"),
        ("http://h/?ca=/x", "only https:// and rediss://"),
        ("http://h/a b", "must have no spaces"),
        ("http://h/#x", "must have no spaces, no #"),
        ("http://h/\n", "must have no spaces"),
        ("http://me:%4@h/", "has a % that is not followed by two hexadecimal digits"),
        ("http://me:%ff@h/", "has a % that is not followed by two hexadecimal digits of UTF-8"),
    ],
)
def test_a_bad_address_is_a_sentence(text, words):
    with pytest.raises(AddressError) as caught:
        Address(text)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "redis://me:hunter2@h:x/0", "redis://me:hunter2@/0", "redis://me:hunter2@h/0?timeout=hunter2", "hunter2://h",
        "redis://me:hunter2%zz@h/0", "redis://me:hunter2/@h/0", "redis://me:hunter2@h/hunter2",
        "redis://h/0?ca=hunter2", "redis://me:pw?hunter2@h", "redis://me:pw?hunter2&a@h", "http://me:hunter2@h/ x",
    ],
)  # fmt: skip
def test_no_sentence_tells_a_password(text):
    with pytest.raises(AddressError) as caught:
        Address(text)
    assert "hunter2" not in str(caught.value)
