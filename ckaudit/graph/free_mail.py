"""Mail providers that give addresses to everybody. Nobody but the provider may sign for such a domain."""

from __future__ import annotations

import re

# Providers with one domain per country
_FAMILIES = re.compile(
    r"(yahoo|hotmail|yandex)\.[a-z]{2,3}(\.[a-z]{2})?"
    r"|(outlook|live)\.(com|at|be|ca|cl|co\.uk|com\.au|com\.mx|de|dk|es|fr|ie|it|nl|no|pt|se)"
    r"|gmx\.(com|net|de|at|ch|co\.uk|fr|us)"
)
_DOMAINS = """
    126.com 163.com aim.com alice.it aol.com arcor.de att.net bellsouth.net bigpond.com bk.ru bluewin.ch bol.com.br btinternet.com
    comcast.net cox.net earthlink.net email.com fastmail.com fastmail.fm foxmail.com free.fr freenet.de gmail.com googlemail.com
    hanmail.net hey.com hushmail.com icloud.com inbox.lv inbox.ru interia.pl kpnmail.nl laposte.net libero.it list.ru mac.com
    mail.com mail.ru me.com msn.com naver.com ntlworld.com o2.pl online.no optonline.net optusnet.com.au orange.fr pm.me proton.me
    protonmail.com qq.com rambler.ru rediffmail.com rocketmail.com rogers.com sapo.pt sbcglobal.net seznam.cz sfr.fr shaw.ca
    sky.com t-online.de talktalk.net telenet.be telus.net terra.com.br tiscali.it tuta.com tuta.io tutanota.com uol.com.br
    verizon.net virgilio.it virginmedia.com wanadoo.fr web.de wp.pl xs4all.nl ymail.com ziggo.nl zohomail.com
"""
_NAMES = frozenset(_DOMAINS.split())


def is_free_mail(domain: str) -> bool:
    """True for the domain of a provider whose addresses anybody can have. The whole domain counts, in any case."""
    name = domain.strip().lower()
    return name in _NAMES or _FAMILIES.fullmatch(name) is not None
