"""No link that people write leads this program into its own network, however the address is dressed up."""

import ipaddress

import pytest

from crm.mailings.checking import guard
from crm.mailings.checking.guard import Forbidden, Guard, NoSuchSite, NotNow, Unfit

OPEN = "93.184.215.14"
NAMES = {
    "open.example": [OPEN],
    "open6.example": ["2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
    "dual.example": ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", OPEN, "8.8.8.8"],
    "crm.example": [OPEN],
    "loop.example": ["127.0.0.1"],
    "loop6.example": ["::1"],
    "private.example": ["10.1.2.3"],
    "mapped.example": ["::ffff:192.168.0.1"],
    "both.example": [OPEN, "192.168.1.1"],
    "six.example": [OPEN, "fd00::1"],
    "meta.example": ["169.254.169.254"],
    "zone.example": ["fe80::1%eth0"],
    "127.0.0.1.nip.example": ["127.0.0.1"],
    "xn--bcher-kva.example": [OPEN],
}

HOSTILE = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.127.127.127/",
    "http://2130706433/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://0177.0.0.01/",
    "http://0x7f.0.0.1/",
    "http://0x7f000001/",
    "http://0X7F.1/",
    "http://127.0.0.1./",
    "http://0/",
    "http://0.0.0.0/",
    "http://00000000000/",
    "http://10.0.0.1/",
    "http://10.255.255.255/",
    "http://167772161/",
    "http://012.0.0.1/",
    "http://172.16.0.1/",
    "http://172.31.255.254/",
    "http://192.168.0.1/",
    "http://3232235521/",
    "http://0xc0a80001/",
    "http://192.168.1/",
    "http://100.64.0.1/",
    "http://100.127.255.254/",
    "http://100.100.100.200/latest/meta-data/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/latest/meta-data/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://169.254.1.1/",
    "http://168.63.129.16/machine/",
    "http://192.0.0.192/opc/v2/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://198.51.100.7/",
    "http://203.0.113.9/",
    "http://192.88.99.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://4294967295/",
    "http://[::1]/",
    "http://[::]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://[::ffff:93.184.215.14]/",
    "http://[0:0:0:0:0:ffff:169.254.169.254]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::a00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a9fe:a9fe::]/",
    "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/latest/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[100::1]/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://foo.localhost/",
    "http://localhost.localdomain/",
    "http://intranet/",
    "http://router.lan/",
    "http://printer.local/",
    "http://db.internal/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://nas.home.arpa/",
    "http://wiki.corp/",
    "http://user:pass@127.0.0.1/",
    "http://open.example@127.0.0.1/",
    "http://open.example:80@10.0.0.1/",
    "http://127.0.0.1#@open.example/",
    "http://127.0.0.1?@open.example/",
    "http://127。0。0。1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://１２７.0.0.1/",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    "http://%31%32%37.0.0.1/",
    "http://%6c%6f%63%61%6c%68%6f%73%74/",
    "http://loop.example/",
    "http://loop6.example/",
    "http://private.example/",
    "http://mapped.example/",
    "http://both.example/",
    "http://six.example/",
    "http://meta.example/",
    "http://zone.example/",
    "http://127.0.0.1.nip.example/",
    "http://127.0.0.1:5001/",
    "http://private.example:8080/",
    "http://10.0.0.1:8080/",
]
UNFIT = [
    "http://open.example:22/",
    "http://open.example:25/",
    "http://open.example:6379/",
    "https://open.example:8443/",
    "http://open.example:0/",
    "http://crm.example:6379/",
    "https://crm.example:5000/",
    "file:///etc/passwd",
    "gopher://open.example/",
    "ftp://open.example/",
    "dict://127.0.0.1:11211/",
    "javascript:alert(1)",
    "//127.0.0.1/",
    "http://open.example\\@127.0.0.1/",
    "http://127.0.0.1\\.open.example/",
    "http://open.example\r\nHost: 127.0.0.1/",
    "http://open.example/\tx",
    "http://open.example /",
    "http:///",
    "http:127.0.0.1",
    "",
]
UNREADABLE = [
    "http://[::1/",
    "http://open.example:99999/",
    "http://open.example:port/",
    "http://a%2fb@x/",
    "http://ab..c/",
]


def resolve(host):
    return NAMES.get(host, [])


def let_through(url, own="http://crm.example:5000"):
    return Guard(own, resolve=resolve).place(url)


@pytest.mark.parametrize("url", HOSTILE)
def test_what_leads_inside_is_refused(url):
    with pytest.raises(Forbidden):
        let_through(url)


@pytest.mark.parametrize("url", UNFIT)
def test_what_is_not_opened_is_not_called_internal_for_that(url):
    with pytest.raises(Unfit) as refusal:
        let_through(url)
    assert type(refusal.value) is Unfit
    assert Guard("http://crm.example:5000").plainly_forbidden(url) == ""


@pytest.mark.parametrize("url", UNREADABLE)
def test_what_is_no_address_is_no_site(url):
    with pytest.raises((NoSuchSite, Unfit)):
        let_through(url)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://open.example", ("http", "open.example", 80, OPEN, "/")),
        ("https://open.example/a?b=1#c", ("https", "open.example", 443, OPEN, "/a?b=1")),
        ("https://OPEN.example.:443/ä b".replace(" ", "%20"), ("https", "open.example", 443, OPEN, "/%C3%A4%20b")),
        ("https://user@open.example/", ("https", "open.example", 443, OPEN, "/")),
        ("https://bücher.example/", ("https", "xn--bcher-kva.example", 443, OPEN, "/")),
        ("http://93.184.215.14/", ("http", "93.184.215.14", 80, OPEN, "/")),
        ("http://8.8.8.8/", ("http", "8.8.8.8", 80, "8.8.8.8", "/")),
    ],
)
def test_what_leads_outside_is_let_through_with_the_address_to_connect_to(url, place):
    found = let_through(url)
    assert (found.scheme, found.host, found.port, found.addresses, found.target) == (*place[:3], (place[3],), place[4])


def test_an_address_of_the_new_kind_is_let_through():
    assert let_through("https://open6.example/").addresses == (NAMES["open6.example"][0],)


def test_all_addresses_are_let_through_those_of_the_old_kind_first():
    assert let_through("https://dual.example/").addresses == (OPEN, "8.8.8.8", NAMES["open6.example"][0])


def test_the_own_address_is_let_through_wherever_it_lies_and_no_other_of_that_machine():
    own = "http://127.0.0.1:5000"
    assert let_through("http://127.0.0.1:5000/staff", own).port == 5000
    assert let_through("http://loop.example:5000/x", "http://loop.example:5000").addresses == ("127.0.0.1",)
    for url in ("http://127.0.0.1/", "http://127.0.0.1:5432/", "https://127.0.0.1:5000/", "http://127.0.0.2:5000/"):
        with pytest.raises(Forbidden):
            let_through(url, own)


def test_without_an_own_address_none_is_let_through():
    with pytest.raises(Forbidden):
        let_through("http://127.0.0.1:5000/", own="")


def test_a_name_without_addresses_is_no_site_and_a_silent_dns_is_told_apart():
    with pytest.raises(NoSuchSite):
        let_through("http://nobody.example/")

    def away(host):
        raise NotNow(host)

    with pytest.raises(NotNow):
        Guard(resolve=away).place("http://open.example/")


@pytest.mark.parametrize("url", [url for url in HOSTILE if not url.endswith(".example/") or "@" in url])
def test_what_can_be_told_without_the_network_is_told_without_it(url):
    def never(host):
        raise AssertionError("the network was asked")

    told = Guard("http://crm.example:5000", resolve=never).plainly_forbidden(url)
    assert told or "example:" in url, url


def test_what_may_be_open_is_not_forbidden_without_the_network():
    for url in ("https://open.example/", "http://crm.example:5000/x", "https://loop.example/"):
        assert Guard("http://crm.example:5000").plainly_forbidden(url) == ""


def test_every_special_network_of_the_registries_is_closed():
    closed = ["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"]
    closed += ["192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"]
    closed += ["203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "::/128", "::1/128", "::ffff:0:0/96", "64:ff9b::/96"]
    closed += ["64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "fc00::/7"]
    closed += ["fe80::/10", "fec0::/10", "ff00::/8", "5f00::/16"]
    for text in closed:
        network = ipaddress.ip_network(text)
        for address in (network[0], network[-1], network[network.num_addresses // 2]):
            assert not guard.is_open(address), f"{address} of {text}"


def test_a_real_resolver_that_does_not_answer_says_so(monkeypatch):
    class Away:
        def resolve_name(self, *_args, **_words):
            raise guard.dns.exception.Timeout

    monkeypatch.setattr(guard.dns.resolver, "Resolver", Away)
    with pytest.raises(NotNow):
        Guard().place("http://open.example/")
