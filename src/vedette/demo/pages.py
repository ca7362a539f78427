"""The pages of the demo's company: paths with their titles and texts, as HTML."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Final

from vedette.demo.day import DOMAIN

_PARTNERS: Final = (
    "northgate-foundry",
    "alder-freight",
    "quill-and-sons-tooling",
    "meridian-alloys",
    "saltmarsh-logistics",
    "ostrava-patterns",
    "tern-inspection",
    "delft-coatings",
    "harrow-heat-treatment",
    "lindholm-software",
)
_CUSTOMERS: Final = ("ferrovia-rail", "kestrel-pumps", "norrland-hydro", "bay-bridge-works")
_PRODUCTS: Final = ("pump-housings", "valve-bodies", "brake-discs", "bearing-caps", "manifolds")
_JOBS: Final = ("melt-shop-operator", "pattern-maker", "buyer", "sales-engineer")
_NEWS: Final = ("new-furnace", "apprentices", "iso-14001", "open-day")

GENERAL: Final = (
    "/",
    "/about",
    "/products",
    *(f"/products/{name}" for name in _PRODUCTS),
    "/news",
    *(f"/news/{name}" for name in _NEWS),
    "/careers",
    *(f"/careers/{name}" for name in _JOBS),
    "/privacy",
)
"""What a company shows everyone: itself, its products, its news and its vacancies."""

RELATIONSHIPS: Final = (
    "/partners",
    *(f"/partners/{name}" for name in _PARTNERS),
    "/partnerships",
    "/partner-portal",
    "/channel-partners",
    "/vendors",
    "/vendor-registration",
    "/suppliers",
    "/suppliers/code-of-conduct",
    "/supply-chain",
    "/alliances",
    "/ecosystem",
    "/integrations",
    "/resellers",
    "/distributors",
    "/clients",
    "/customers",
    "/case-studies",
    *(f"/case-studies/{name}" for name in _CUSTOMERS),
    "/about/team",
)
"""Pages that tell whom the company works with: what T1591.002 is after."""

TEMPO: Final = (
    "/contact",
    "/hours",
    "/schedule",
    "/shipping",
    "/delivery",
    "/procurement",
    "/purchasing",
    "/locations",
    "/logistics",
    "/dispatch",
    "/holiday",
    "/calendar",
)
"""Pages that tell when the company works, buys and ships: what T1591.003 is after."""

_WORDS: Final = (
    "We cast iron and bronze in small series, from forty grams to four tonnes.",
    "Patterns are kept for twelve years after the last pour.",
    "Ask for the material certificate with your order.",
    "Every melt is sampled before the ladle leaves the furnace.",
    "The works lie by the canal, five minutes from the station.",
)


@dataclass(frozen=True, slots=True)
class Page:
    """What the site answers with: a media type and the bytes of the body."""

    media_type: str
    body: bytes


def all_pages() -> dict[str, Page]:
    """Return every page of the site by its path, with its robots.txt, sitemap and assets."""
    paths = (*GENERAL, *RELATIONSHIPS, *TEMPO)
    pages = {path: Page("text/html; charset=utf-8", _html(path)) for path in paths}
    robots = f"User-agent: *\nCrawl-delay: 60\nSitemap: https://www.{DOMAIN}/sitemap.xml\n"
    pages["/robots.txt"] = Page("text/plain; charset=utf-8", robots.encode())
    pages["/sitemap.xml"] = Page("application/xml", _sitemap(paths))
    pages["/assets/site.css"] = Page("text/css", b"body{font:16px/1.5 serif;max-width:44rem}\n" * 9)
    pages["/assets/logo.svg"] = Page("image/svg+xml", _LOGO)
    pages["/favicon.ico"] = Page("image/x-icon", bytes(318))
    pages["/api/stock"] = Page("application/json", b'{"in_stock":true,"weeks":3}\n')
    return pages


def _html(path: str) -> bytes:
    name = path.rsplit("/", 1)[-1].replace("-", " ").title() or "Brackwater Castings"
    offset = len(path)
    words = "".join(f"<p>{_WORDS[(offset + n) % len(_WORDS)]}</p>" for n in range(2 + offset % 3))
    links = "".join(f'<li><a href="{escape(link)}">{escape(link)}</a></li>' for link in _NAVIGATION)
    return (
        f'<!doctype html><html lang="en"><head><title>{escape(name)}</title>'
        '<link rel="stylesheet" href="/assets/site.css"></head>'
        f"<body><h1>{escape(name)}</h1>{words}<ul>{links}</ul></body></html>\n"
    ).encode()


def _sitemap(paths: Iterable[str]) -> bytes:
    places = "".join(f"<url><loc>https://www.{DOMAIN}{path}</loc></url>" for path in paths)
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset>{places}</urlset>\n'.encode()


_NAVIGATION: Final = ("/", "/products", "/about", "/partners", "/careers", "/shipping", "/contact")
_LOGO: Final = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 8V0l8 8z"/></svg>\n'
)
