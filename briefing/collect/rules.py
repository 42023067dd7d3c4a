"""The table of page furniture: what each rule takes, an example of it, and news that it must let pass.

A rule matches a whole block (a line of cleaned text), from its first character to its last, up to a length. A rule
that could match a sentence of news is wrong: add the sentence to its `passes` and narrow it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern` must match a whole block of at most `longest` characters."""

    name: str
    pattern: re.Pattern[str]
    longest: int
    catches: tuple[str, ...]
    passes: tuple[str, ...]


def _rule(name: str, pattern: str, longest: int, catches: tuple[str, ...], passes: tuple[str, ...]) -> Rule:
    return Rule(name, re.compile(pattern, re.IGNORECASE | re.VERBOSE), longest, catches, passes)


COMMENTS = "comments"
RELATED = "related"

RULES: tuple[Rule, ...] = (
    _rule(
        "separator",
        r"[-–—_*=•·.\#~|+<>/\\:\s]+",
        80,
        ("---", "* * *", "|"),
        ("3-1", "C"),
    ),
    _rule(
        "empty-date",
        r"\|?\s*(?:(?:last\s+)?(?:updated?|modified)|published|posted|aktualisiert|stand)(?:\s+(?:on|at|am))?\s*:?\s*\|?",
        40,
        ("| Last update :", "Last updated:", "Published"),
        ("Last update on the search: nobody is missing.",),
    ),
    _rule(
        "label",
        r"""(?:breaking(?:\s+news)?|just\s+in|developing(?:\s+story)?|exclusive|live(?:\s+updates)?|eilmeldung|top\s+story
            |opinion|op-ed|editorial|commentary|kommentar|meinung|column)\s*[:!]?""",
        24,
        ("Breaking", "BREAKING NEWS"),
        ("Breaking the silence", "Live music returns to the pier"),
    ),
    _rule(
        "source",
        r"(?:sources?|quelle|via)\s*:\s*[^.!?]{2,60}",
        70,
        ("Source: Newsroom", "Source: AFP"),
        ("Source: the minister's office said on Monday that talks would go on.",),
    ),
    _rule(
        "comment-rules",
        r"""(?:(?:warning|attention|notice|please\s+note|note)\s*[:!]\s*)?
            (?:all\s+|your\s+|reader\s+)?comments?\s+(?:that|which|containing|with|are|will|must|may)\b.*
            \b(?:approved|published|moderated|removed|deleted|own|screened)\b.*""",
        400,
        (
            "WARNING: Comments that contain insults and are written in capital letters are not approved.",
            "Comments are moderated before they appear.",
        ),
        ("Comments by the minister that were published on Monday angered the union.",),
    ),
    _rule(
        COMMENTS,
        r"""(?:\d+\s+)?(?:readers?['’]?s?\s+|user\s+|top\s+|all\s+)?(?:comments?|kommentare?|leserkommentare)
            (?:\s*[(\[:]?\s*\d+\s*[)\]]?)?:?
          | (?:leave|post|add|write)\s+a\s+(?:comment|reply)|(?:show|view|read|hide)\s+(?:all\s+)?(?:\d+\s+)?comments
          | comments\s+are\s+closed\.?|join\s+the\s+(?:conversation|discussion)|what\s+readers\s+say
          | kommentar\s+(?:schreiben|verfassen)""",
        50,
        ("Comments", "Comments (2)", "Readers' comments (14)", "Leave a reply", "Kommentare"),
        ("Comments by mayor anger dockers", "Comments 'taken out of context'"),
    ),
    _rule(
        RELATED,
        r"""(?:related(?:\s+(?:posts?|articles?|stories|story|news|content|topics|links|coverage|reading))?
          | you\s+(?:may|might)\s+also\s+(?:like|enjoy|be\s+interested\s+in)
          | more\s+(?:stories|news|articles|on\s+this(?:\s+story)?)
          | more\s+from(?:\s+[\w'’]+){1,4}|recommended(?:\s+(?:for\s+you|stories|articles))?
          | read\s+(?:more|next|also|on)|also\s+read|see\s+also
          | what\s+to\s+read\s+next|trending(?:\s+now)?
          | top\s+stories|most\s+(?:read|popular|viewed)|latest\s+(?:news|stories)
          | editors?['’]?s?['’]?\s+picks?|don['’]t\s+miss
          | mehr\s+zum\s+thema|lesen\s+sie\s+auch|das\s+könnte\s+sie\s+auch\s+interessieren|weitere\s+artikel
          | meistgelesen|auch\s+interessant)\s*[:.…]*""",
        60,
        ("Related Post", "Related articles", "More from the region", "You may also like", "Mehr zum Thema"),
        ("Related party deals cost the bank £3m", "More from Mr Corrigan is expected on Tuesday"),
    ),
    _rule(
        "read-more",
        r"""(?:read|see|watch|listen)(?:\s+(?:more|also|next|now|here))?\s*:\s*.{2,150}
          | (?:also\s+read|related|more\s+on\s+this(?:\s+story)?|lesen\s+sie\s+(?:auch|mehr|dazu)|mehr\s+dazu
              |don['’]t\s+miss)\s*:\s*.{2,150}
          | (?:click|tap)\s+here\s+(?:to|for)\b.{2,100}|continue\s+reading\b.{0,100}
          | (?:read|view)\s+(?:the\s+)?full\s+(?:story|article)\b.{0,60}""",
        180,
        (
            "Read more: Ten things to do in Kestrel Bay when it rains",
            "Related: Pier 4 is closed",
            "Continue reading...",
        ),
        ("Read more closely, the contract says otherwise.", "See how the vote went: 812 to 143."),
    ),
    _rule(
        "share",
        r"""(?:(?:share(?:\s+(?:this|on|via|by|with|it|article|story|post)(?:\s+[\w'’]+){0,6})?|tweet(?:\s+this)?|pin\s+it
          | facebook|twitter|x|whatsapp|telegram|linkedin|reddit|pinterest|instagram|e-?mail(?:\s+this(?:\s+article)?)?
          | print(?:\s+this(?:\s+article|\s+page)?)?|copy\s+link|send\s+to\s+a\s+friend|save(?:\s+for\s+later)?|bookmark
          | unsubscribe|diesen\s+artikel\s+teilen|teilen|drucken|\d[\d.,]*k?\s+(?:shares?|views?|likes?|reads?))
          [\s|/·•,.:!]*+)+""",
        120,
        ("Share this article", "Facebook Twitter WhatsApp", "Share this newsletter with a workmate | Unsubscribe"),
        ("Share prices fell by 6.5 per cent on Monday", "Twitter sues the ministry"),
    ),
    _rule(
        "newsletter",
        r"""(?:sign\s+up|subscribe|register|get|receive|join)\b.{0,80}\b
            (?:newsletters?|your\s+inbox|e-?mail\s+alerts?|mailing\s+list|bulletin\s+in|our\s+channel|our\s+columnists)\b.{0,60}
          | subscribe(?:\s+(?:now|today|here|to\s+[\w'’]+(?:\s+[\w'’]+){0,4}))?[.!]?
          | (?:[\w'’]+[ ,]+){0,6}(?:in|to)?\s*your\s+inbox[.!]?
          | (?:(?:our|the|daily|weekly|free|morning)\s+){0,3}newsletters?(?:\s+(?:sign-?up|abonnieren|bestellen))?[.!]?
          | you\s+(?:receive|are\s+receiving|received)\b.{2,80}\bbecause\b.{2,80}
          | .{0,60}\bdownload\s+(?:the|our)\s+.{2,40}\bapp\b.{0,30}""",
        200,
        (
            "Sign up for our free Harbour Morning newsletter.",
            "Get the Coastline breakfast bulletin in your inbox every day.",
            "Subscribe to Northern Line News for more from our columnists.",
            "Newsletter abonnieren",
        ),
        (
            "Subscribers to the ferry's bulletin were told at dawn.",
            "Get out of the harbour, the coastguard told crews.",
        ),
    ),
    _rule(
        "advertisement",
        r"""(?:advertisements?|advertising|ad|ads|sponsored(?:\s+(?:content|post|by\s+.{2,40}))?|promoted|paid\s+(?:content|post)|anzeige|werbung)
            (?:\s*:\s*.{2,120})?
          | (?:story|article|text)\s+continues?\s+(?:below|after)\b.{0,60}|scroll\s+(?:down\s+)?to\s+continue.{0,40}
          | remove\s+ads?""",
        150,
        ("Advertisement", "Advertisement: Winter tyres fitted while you wait", "Story continues below advertisement"),
        ("Advertisement spending rose by a tenth last year.", "Ad sales fell"),
    ),
    _rule(
        "cookies",
        r"""(?:(?:we(?:\s+and\s+our\s+partners)?\s+use|this\s+(?:web\s*)?site\s+uses|by\s+(?:continuing|using|clicking)|your\s+privacy|
            wir\s+(?:verwenden|nutzen)|diese\s+(?:website|seite)\s+(?:verwendet|nutzt))\b.{0,160}\bcookies?\b.{0,120})
          | (?:accept|reject|manage|allow)\s+(?:all\s+)?(?:cookies|preferences|your\s+choices)|alle\s+akzeptieren
          | (?:cookie|privacy|terms)(?:\s+(?:policy|settings|notice|preferences|and\s+conditions|of\s+(?:use|service)))+
          | impressum|datenschutz(?:erklärung)?""",
        320,
        ("We use cookies to show you tide tables.", "Accept all cookies", "Privacy policy"),
        ("The court fined the shop for cookies set without consent.",),
    ),
    _rule(
        "rights",
        r"""(?:\([^()]{1,60}\)\s*[-–—]\s*)?(?:[^.!?]{2,60}\.?\s+)?(?:all\s+rights\s+reserved|alle\s+rechte\s+vorbehalten)\.?(?:\s*[|·].{0,60})?
          | (?:©|\(c\)|copyright\s+(?:©|\(c\)|\d{4})|copyright\s*:).{0,160}""",
        200,
        (
            "(Associated Medias) – All rights reserved",
            "© 2026 The Harbour Post Ltd. All rights reserved.",
            "Copyright 2026 Northern Line News",
        ),
        ("Copyright law is to change next year, the ministry said.", "All rights are reserved for islanders, he said."),
    ),
    _rule(
        "follow",
        r"""(?:follow|like|find|join|add)\s+(?:us|me|him|her|them|the\s+author|[\w'’ ]{2,40}|@\w+)\s+(?:on|at|@)\s+
            (?:our\s+)?(?:facebook|twitter|x|instagram|telegram|whatsapp|youtube|linkedin|bluesky|mastodon|threads|tiktok|google\s+news|social\s+media)\b.{0,80}
          | follow\s+(?:us|me|him|her|them)\b.{0,60}|(?:folgen\s+sie\s+uns)\b.{0,80}""",
        150,
        ("Follow us on Facebook and Instagram", "Follow her on Gullnet."),
        ("Follow the money, the prosecutor told the jury.",),
    ),
    _rule(
        "picture",
        r"""(?:file\s+)?(?:photos?|photographs?|images?|pictures?|fotos?|bilder?|videos?|gallery|credits?|symbolbild)
            (?:\s+(?:credits?|by|courtesy(?:\s+of)?|source))?(?:\s*[:/|]\s*[^.!?]{1,100})?
          | [(\[](?:file\s+)?(?:photo|image|picture|foto|video|credit)s?
              (?:\s+(?:credits?|by|courtesy)\b|\s*[:/]|\s*[)\]])[^()]{0,100}[)\]]?
          | [^.!?]{0,60}(?:/|\bvia\b|\|)\s*(?:getty\s+images|shutterstock|istock|ap\s+photo|unsplash|pixabay)\b.{0,40}
          | (?:ap\s+photo|getty\s+images|shutterstock)(?:\s*/\s*[^.!?]{1,60})?
          | (?:photo|image|picture|foto)(?:graph)?\s+by\s+[^.!?]{2,60}""",
        140,
        ("Photo", "Photo: Anna Reyes / The Harbour Post", "(Photo by John Doe)", "Jane Doe/Getty Images"),
        ("Photo shows captain on the bridge", "Photos of the wreck were shown to the jury."),
    ),
    _rule(
        "reading-tools",
        r"""(?:text|font)\s+size[-–+\sA]*|(?:\d+|one|two|three)[- ]min(?:ute)?s?(?:\s+read)?
          | (?:reading|lese)\s*(?:time|zeit)\s*:?.{0,20}
          | listen\s+to\s+(?:this\s+)?(?:article|story).{0,30}|[aA](?:\s*[-+]\s*[aA])+\s*[-+]?""",
        50,
        ("Text Size - +", "4 min read", "Listen to this article"),
        ("Listen to the dockers, says bishop", "Two minutes of silence"),
    ),
    _rule(
        "navigation",
        r"""home\s*+(?:[>›»|/][^.!?>›»|/]{1,60}+)+|skip\s+to\s+(?:main\s+)?content|menu|search|log\s*in|sign\s+in|back\s+to\s+top
          | (?:next|previous)\s+(?:article|post|story).{0,80}
          | (?:tags?|categor(?:y|ies)|topics?|filed\s+under|schlagwörter|posted\s+in)\s*:\s*[^.!?]{1,150}
          | load\s+more.{0,20}|nach\s+oben""",
        180,
        ("Home > News > Port", "Skip to main content", "Tags: ferry, harbour, Pier 4"),
        ("Search for survivors goes on", "Home front"),
    ),
    _rule(
        "subscribers-only",
        r"""(?:subscribe|register|log\s*in|sign\s+(?:in|up)|pay)(?:\s+now)?\s+to\s+(?:continue|keep|read|unlock|access)\b.{0,100}
          | to\s+(?:continue|keep)\s+reading\b.{0,100}
          | already\s+(?:a\s+)?(?:subscriber|subscribed|member|registered)\b.{0,60}
          | this\s+(?:content|article|story)\s+is\s+(?:only\s+|exclusively\s+)?(?:available\s+)?
              (?:for|to)\s+(?:our\s+)?(?:subscribers|members)\b.{0,60}
          | (?:jetzt\s+)?weiterlesen\s+mit\b.{0,60}|(?:dieser\s+artikel\s+ist\s+nur\s+für\s+abonnenten)\b.{0,60}""",
        180,
        ("Subscribe to continue reading", "Already a subscriber? Log in", "This article is only for subscribers."),
        ("Subscribers to the scheme will pay more to continue, the council said.",),
    ),
    _rule(
        "author-box",
        r"""(?:about\s+the\s+)?authors?\s*:?|written\s+by|posted\s+by|by|über\s+(?:den\s+autor|die\s+autorin)
          | (?:view\s+)?(?:all|more)\s+(?:posts|articles|stories)\s+by\b.{2,60}
          | [\w.'’\- ]{2,40}\s(?:scans|reads|collects|monitors)\s.{2,80}\bnews\b.{0,120}
              \b(?:summary|summaries|digests?)\b.{0,160}""",
        300,
        (
            "Author",
            "About the author",
            "AiBot scans breaking news and distills multiple news articles into a concise summary.",
        ),
        ("Author wins harbour prize", "By the harbour", "The police scans news sites for threats, it said."),
    ),
    _rule(
        "desk-note",
        r"""\((?:additional\s+)?(?:reporting|writing|editing|compiled)\s+by\s[^()]{2,160}\)\.?
          | (?:additional\s+)?(?:reporting|writing)\s+by\s[^.]{2,80};\s*(?:editing|writing)\s+by\s.{2,80}
          | (?:got|have)\s+a\s+(?:news\s+)?(?:tip|story)\b.{0,120}|-\s*30\s*-""",
        200,
        ("(Reporting by Jane Doe; Editing by John Roe)", "Have a tip? Write to us."),
        ("Reporting by the Courier led to the inquiry.",),
    ),
    _rule(
        "machine-notice",
        r"""to\s+err\s+is\s+human,\s+but\s+ai\b.{0,300}
          | (?:this|these|our)\s+(?:\w+\s+){0,2}?
            (?:articles?|stor(?:y|ies)|reports?|texts?|summar(?:y|ies)|contents?|posts?)\s
            (?:is|was|were|are|has\s+been|have\s+been)\s(?:\w+\s+){0,3}?
            (?:generated|written|produced|created|compiled)\s(?:\w+\s+){0,2}?
            (?:automatically|by\s+(?:an?\s+)?(?:ai|machine|computer|artificial|algorithm|software)
              |(?:using|with)\b.{0,40}\b(?:ai|artificial\s+intelligence))\b.{0,260}
          | (?:this|these|our)\s+(?:articles?|stor(?:y|ies)|reports?|texts?|summar(?:y|ies)|contents?)\s
            (?:is|was|were|are)\sautomatically\s.{0,260}
          | diese[rs]?\s+(?:text|artikel|beitrag|meldung)\s+wurde\b.{0,80}
            \b(?:automatisch|automatisiert|maschinell|ki|künstlicher\s+intelligenz)\b.{0,200}""",
        400,
        (
            "To err is human, but AI does it too. Whilst factual data is used, the content is written entirely by AI.",
            "This article was generated automatically from berth data. It was not reviewed by an editor.",
        ),
        ("The essay was written by AI, the university said on Monday.",),
    ),
)
