"""The table of page furniture, first half: what pages print around an article."""

from __future__ import annotations

from briefing.collect.cleaning.rule import Rule, rule

PAGE: tuple[Rule, ...] = (
    rule(
        "separator",
        "",
        r"[-–—_*=•·.\#~|+<>/\\:\s]+",
        80,
        ("---", "* * *", "|"),
        ("3-1", "C"),
    ),
    rule(
        "empty-date",
        "",
        r"\|?\s*(?:(?:last\s+)?(?:updated?|modified)|published|posted|aktualisiert|stand)(?:\s+(?:on|at|am))?\s*:?\s*\|?",
        40,
        ("| Last update :", "Last updated:", "Published"),
        ("Last update on the search: nobody is missing.",),
    ),
    rule(
        "label",
        "",
        r"""(?:breaking(?:\s+news)?|just\s+in|developing(?:\s+story)?|exclusive|live(?:\s+updates)?|eilmeldung|top\s+story
            |opinion|op-ed|editorial|commentary|kommentar|meinung|column)\s*[:!]?""",
        24,
        ("Breaking", "BREAKING NEWS"),
        ("Breaking the silence", "Live music returns to the pier"),
    ),
    rule(
        "source",
        "^ source sources quelle via fuente fonte źródło bron",
        r"\(?(?:sources?|quelle|via|fuente|fonte|źródło|bron)\s*:\s*(?:[^.!?…]|(?<=\d)\.){2,60}…?\)?",
        80,
        ("Source: Newsroom", "Source: AFP", "Quelle: Hafenverband (HV), 02. Februar 2026", "(Fuente: Puerto Norte)"),
        ("Source: the minister's office said on Monday that talks would go on.",),
    ),
    rule(
        "rights",
        "reserved vorbehalten copyright c ©",
        r"""(?:\([^()]{1,60}\)\s*[-–—]\s*)?(?:[^.!?]{2,60}\.?\s+)?(?:all\s+rights\s+reserved|alle\s+rechte\s+vorbehalten)\.?(?:\s*[|·].{0,60})?
          | (?:©|\(c\)|copyright\s+(?:©|\(c\)|\d{4})|copyright\s*:).{0,160}
          | [^.!?]{0,80}\b(?:copyright|©)\s.{0,40}(?:©|\(c\))?\s*(?:19|20)\d{2}""",
        200,
        (
            "(Associated Medias) – All rights reserved",
            "© 2026 The Harbour Post Ltd. All rights reserved.",
            "Copyright 2026 Northern Line News",
            "Made with Harbour Kit | Copyright Northern Line © 2026",
        ),
        (
            "A copyright reform passed in 2024, the ministry said.",
            "Copyright law is to change next year, the ministry said.",
            "All rights are reserved for islanders, he said.",
        ),
    ),
    rule(
        "picture",
        (
            "photo photos photograph photographs image images picture pictures foto fotos bild bilder video "
            "videos gallery credit credits symbolbild imagegraph picturegraph fotograph getty shutterstock "
            "istock ap unsplash pixabay bildquelle bildquellen bildnachweis titelbild crédit crédits caption "
            "fullscreen"
        ),
        r"""(?:file\s+)?(?:photos?|photographs?|images?|pictures?|fotos?|bilder?|videos?|gallery|credits?|symbolbild)
            (?:\s+(?:credits?|by|courtesy(?:\s+of)?|source))?(?:\s*[:/|]\s*[^.!?]{1,100})?
          | [(\[](?:file\s+)?(?:photo|image|picture|foto|video|credit)s?
              (?:\s+(?:credits?|by|courtesy)\b|\s*[:/]|\s*[)\]])[^()]{0,100}[)\]]?
          | [^.!?]{0,60}(?:/|\bvia\b|\|)\s*(?:getty\s+images|shutterstock|istock|ap\s+photo|unsplash|pixabay)\b.{0,40}
          | (?:ap\s+photo|getty\s+images|shutterstock)(?:\s*/\s*[^.!?]{1,60})?
          | (?:photo|image|picture|foto)(?:graph)?\s+by\s+[^.!?]{2,60}
          | (?:bildquellen?|bildnachweis|titelbild|crédits?(?:\s+photos?)?)\s*:\s*[^!?]{0,100}
          | (?:enlarge\s+this\s+image\s*)?(?:toggle|hide)\s+caption\b.{0,100}|view\s+image\s+in\s+fullscreen""",
        140,
        (
            "Photo",
            "Photo: Anna Reyes / The Harbour Post",
            "(Photo by John Doe)",
            "Jane Doe/Getty Images",
            "Bildquelle: J. Doe",
        ),
        ("Photo shows captain on the bridge", "Photos of the wreck were shown to the jury."),
    ),
    rule(
        "reading-tools",
        "",
        r"""(?:text|font)\s+size[-–+\sA]*|(?:\d+|one|two|three)[- ]min(?:ute)?s?(?:\s+read)?
          | (?:reading|lese)\s*(?:time|zeit)\s*:?.{0,20}
          | listen\s+to\s+(?:this\s+)?(?:article|story).{0,30}|[aA](?:\s*[-+]\s*[aA])+\s*[-+]?""",
        50,
        ("Text Size - +", "4 min read", "Listen to this article"),
        ("Listen to the dockers, says bishop", "Two minutes of silence"),
    ),
    rule(
        "navigation",
        (
            "home skip menu search log login sign signin back next previous tag tags category categories topic "
            "topics filed schlagwörter posted load nach zurück volver retour vorige voriger vorigen indietro "
            "wstecz registrieren impressum sitemap datenschutz privacy rss anmelden voriges weiterlesen suche "
            "startseite hauptseite lire seguir leer czytaj"
        ),
        r"""home\s*+(?:[>›»|/][^.!?>›»|/]{1,60}+)+|skip\s+to\s+(?:main\s+)?content|menu|search|log\s*in|sign\s+in|back\s+to\s+top
          | (?:next|previous)\s+(?:article|post|story).{0,80}
          | (?:tags?|categor(?:y|ies)|topics?|filed\s+under|schlagwörter|posted\s+in)\s*:\s*[^.!?]{1,150}
          | load\s+more.{0,20}|nach\s+oben
          | [«‹←<]+\s*(?:zurück|back|volver|retour|previous|vorige\w*|indietro|wstecz)\b.{0,60}
          | (?:weiterlesen|suche|startseite|hauptseite|lire\s+la\s+suite|seguir\s+leyendo|leer\s+más
              |czytaj\s+dalej)\W{0,4}
          | (?=.*\b(?:log\s?in|registrieren|impressum|sitemap|datenschutz|privacy|rss|anmelden)\b)
            (?:[^|·•]{2,25}\s*[|·•]\s*){2,8}[^|·•]{2,25}""",
        180,
        (
            "Home > News > Port",
            "Skip to main content",
            "Tags: ferry, harbour, Pier 4",
            "« Zurück zur Übersicht",
            "Weiterlesen →",
            "Hauptseite | Blog | Registrieren | Login",
        ),
        ("Search for survivors goes on", "Home front", "Zurück zu den Wurzeln", "Goals | Points | Rank"),
    ),
    rule(
        "author-box",
        "posts articles stories scans reads collects monitors author authors autor autorin",
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
    rule(
        "desk-note",
        "^ additional reporting writing editing compiled got have 30",
        r"""\((?:additional\s+)?(?:reporting|writing|editing|compiled)\s+by\s[^()]{2,160}\)\.?
          | (?:additional\s+)?(?:reporting|writing)\s+by\s[^.]{2,80};\s*(?:editing|writing)\s+by\s.{2,80}
          | (?:got|have)\s+a\s+(?:news\s+)?(?:tip|story)\b.{0,120}|-\s*30\s*-""",
        200,
        ("(Reporting by Jane Doe; Editing by John Roe)", "Have a tip? Write to us."),
        ("Reporting by the Courier led to the inquiry.",),
    ),
    rule(
        "machine-notice",
        "^ to this these our diese dieser dieses",
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
    rule(
        "cookies",
        (
            "^ we this by your wir diese accept reject manage allow alle cookie privacy terms impressum "
            "datenschutz datenschutzerklärung"
        ),
        r"""(?:(?:we(?:\s+and\s+our\s+partners)?\s+use|this\s+(?:web\s*)?site\s+uses|by\s+(?:continuing|using|clicking)|your\s+privacy|
            wir\s+(?:verwenden|nutzen)|diese\s+(?:website|seite)\s+(?:verwendet|nutzt))\b.{0,160}\bcookies?\b.{0,120})
          | (?:accept|reject|manage|allow)\s+(?:all\s+)?(?:cookies|preferences|your\s+choices)|alle\s+akzeptieren
          | (?:cookie|privacy|terms)(?:\s+(?:policy|settings|notice|preferences|and\s+conditions|of\s+(?:use|service)))+
          | impressum|datenschutz(?:erklärung)?""",
        320,
        ("We use cookies to show you tide tables.", "Accept all cookies", "Privacy policy"),
        ("The court fined the shop for cookies set without consent.",),
    ),
)
