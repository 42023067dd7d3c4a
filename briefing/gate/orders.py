"""Orders to a machine or to the reader, as they are worded: the patterns that `instruction` looks for."""

from __future__ import annotations

import re

# Where an order can begin: at the start, behind a mark that ends a clause, behind "please" or "you must".
_BEGINS = r"""(?:^\W*|[.;:!?…)\]>|–—]\s*|\s-+\s*)(?:(?:now|then|instead|simply),?\s+)?|\b(?:please|kindly)\s+
    |\byou\ (?:must|should|shall|will|are\ to|have\ to|need\ to|may\ now)\s+"""
# A headline may begin with an order to people ("Stop the war"): what could be one counts at a sentence's start alone.
_OPENS = r"^\W*(?:(?:please|now|then),?\s+)?|[.;:!?|]\s+|\byou\ (?:must|should|shall)\s+"
_STARTS = r"^\W*"
_PLACES = (_BEGINS, _OPENS, _STARTS)

# Orders, in small letters. What begins at one of the places, with a letter or digit, is looked for there alone; any
# other stands behind pieces of words ("mark /label "), one of which is in every text that holds the order.
_MODEL = r"""(?:ai|a\.i\.|artificial\ intelligence|(?:large\ )?language\ models?|llms?|chat\ ?bots?|chatgpt|gpt|
    (?:ai|virtual|helpful|digital)\ (?:language\ )?
    (?:assistants?|models?|systems?|agents?|readers?|tools?|summari[sz]ers?))"""
_READER = r"(?:assistants?|summari[sz]ers?|crawlers?|bots?|automated\ \w+|machine\ readers?|machines)"
_MACHINE = rf"(?:{_MODEL}|{_READER})"
_TEXT = r"(?:passage|text|page|article|source|story|document|message|statement|report|content|website)"
_ANSWER = r"(?:summar(?:y|ies)|briefing|headline|response|output|answer|reply|digest)"
_TONGUES = r"""(?:english|russian|german|french|spanish|chinese|mandarin|arabic|italian|portuguese|polish|ukrainian|
    japanese|korean|turkish|hebrew|hindi|dutch|latin|greek|swedish|persian|farsi|esperanto|klingon|another\ language|
    yaml|xml|json|html|markdown|csv|toml|python|base\ ?64|rot\ ?13|morse(?:\ code)?|(?:all\ )?(?:caps|capitals)|
    upper\ ?case|rhymes?|verse|emojis?|one\ word|code|the\ (?:style|voice)\ of)"""

# Orders to drop the rules that were given before.
_OVERRULES = {
    _BEGINS: r"""(?:ignorez?|disregard|forget|override|bypass|overlook|discard|drop)\b.{0,40}
        \b(?:previous|prior|earlier|preceding|above|original|existing|foregoing|all|any|these|those|this|your|system|every
            |rest)\b
        .{0,30}\b(?:instructions?|prompts?|rules|guidelines|context|directions|directives|constraints|messages?|tasks?
            |orders|data|safety\ \w+)\b""",
    _OPENS: r"""(?:ignore|disregard|forget|override|bypass)\b\s+(?:the\ |all\ |any\ |everything\ )?
        (?:instructions?|prompts?|guidelines|you\ were\ told|that\ you|above|before\ this|so\ far|context)\b""",
    _STARTS: r"""(?:system|developer|assistant|user|admin(?:istrator)?)
            (?:[ _](?:prompt|message|instructions?|override|note))?\s*[:)]
        | (?:(?:new|updated|additional|revised|further|secret|special|real|actual|hidden)\ )?(?:system\ )?instructions?
            (?:\ (?:to|for)\ [^:]{0,40})?\s*:""",
    "ignore/disregard/forget": r"""
        (?:,|\band|\bthen|\bnow)\s+(?:ignore|disregard|forget)\s+(?:all\s+)?(?:the\s+)?
            (?:previous|prior|earlier|above|preceding)\s+(?:instructions|prompts|context)\b
        | \b(?:ignore|disregard|forget)\ (?:everything|anything|all|what(?:ever)?)\ (?:that\ )?(?:you|was|has\ been)\b
            .{0,20}\b(?:told|above|before|instructed|given)\b""",
    "your ": r"""\byour\ (?:system|initial|hidden|original|previous|developer|secret)
        \ (?:prompts?|instructions?|messages?|rules)\b""",
    "new instruction": r"[.;!]\s+new\ instructions?\s*:",
    "ignorez/oubliez": r"\b(?:ignorez|oubliez)\b.{0,30}\b(?:consignes|instructions)\b",
    "ignorier": r"\bignorier(?:e|en\ sie|t)\b.{0,30}\b(?:anweisung|vorgabe|befehle)",
    "instrucciones/istruzioni/instruções": r"""\b(?:ignora|ignore|olvida|dimentica|esqueça)\b
        .{0,30}\b(?:instrucciones|istruzioni|instruções)\b""",
    "инструкци/указани": r"(?:игнорируй|забудь|не\ обращай)\w*.{0,30}(?:инструкци|указани)",
}

# Words that a model is spoken to by, or speaks of itself by.
_ADDRESSES_MODEL = {
    _OPENS: rf"act\ as\ (?:an?|the)\ (?:[\w-]+\ ){{0,2}}?(?:{_MODEL}|assistant|translator|terminal|interpreter)\b",
    _STARTS: rf"""(?:dear|hey|hello|hi|listen,?|to\ (?:all|any|every))\ (?:all\ |the\ )?{_MACHINE}\s*[,:!—–-]
        | attention,?\ (?:all\ |any\ |the\ )?{_MACHINE}\b
        | (?:editor['’]?s['’]?\ )?(?:note|important|attention|memo|reminder)\W+(?:to|for)
            \ (?:(?:the|all|any|every)\ )?{_MACHINE}\b
        | (?:message|notice|instructions?|orders?)\ (?:to|for)\ (?:(?:the|all|any)\ )?{_MACHINE}[^:]{{0,30}}:
        | {_MACHINE}\s*[:,]\s*(?:please|you|ignore|do|mark|write|say|add|include|state|note|reply|report)\b""",
    "visible to/chain of thought": rf"\b(?:in)?visible\ to\ (?:the\ )?{_MACHINE}\b|^\W*system\ chain\ of\ thought\b",
    "as a": rf"(?:^\W*|[.;:!?,]\s+)as\ an?\ {_MODEL}\s*(?:,|\bi\b|\byou\b)",
    "you are": rf"""
        \byou\ are(?:\ now)?\ (?:an?|the)\ (?:[\w-]+\ ){{0,2}}?(?:{_MODEL}|assistant|summari[sz]er|bot)\b
        | \byou\ are\ now\ (?:dan\b|in\ (?:developer|debug|admin)|unrestricted|jailbroken|free\ of)
        | (?:\bif|\bwhen|\bsince|\bbecause)\ you\ are\ (?:an?\ )?{_MACHINE}\b""",
    "from now on": r"""\bfrom\ now\ on,?\ (?:
        you\ (?:will|must|shall|are\ to)\ (?:only\ )?(?:answer|respond|reply|act|speak|write|obey|be\b)
        |(?:answer|respond|reply|act|speak|write|pretend|obey|always|never)\b)""",
    "pretend/imagine/act as if": r"(?:^|[.;:!?]\s+)(?:pretend|imagine|act\ as\ if)\ (?:that\ )?you\ (?:are|were)\b",
    "reading t/sing t/zing t/indexing t/read t/reads t": rf"""\b{_MACHINE}\b[^.]{{0,30}}
        \b(?:reading|processing|summari[sz]ing|parsing|indexing|(?:that|who)\ reads?)
        \ (?:this|the\ (?:above|following|present))\b""",
}

# Orders on what an answer is to hold, and in what form.
_ORDERS_ANSWER = {
    _BEGINS: rf"""(?:reply|respond|answer)\ (?:only\b|just\b|exactly\b|nothing\ but\b|with\ (?:only|just|one|a\ single|
            exactly|nothing|your|the\ (?:word|phrase|text|sentence|following|exact|system|value|string|link|code
            |name))\b)
        | (?:repeat|print|say|write|output|do)\ the\ following\b
        | (?:answer|reply|respond|continue|write|output|speak|summari[sz]e|translate)
            \ (?:(?:only|everything|all|it|this|that|always|back|the\ \w+)\ )?(?:in|into|as|using)\ {_TONGUES}\b""",
    _OPENS: rf"""(?:write|say|add|include|reply|respond|conclude)\ that\b
        | print\ (?!edition|(?:news)?paper|sale|version|media|journal|reader|subscri|ad|circul|industr|run|shop|and\b)
        | (?:state|report|answer|mention)\ that\ (?:the|this|these|all|every|everyone|there|it|no|our|he|she|they)\b
        | (?:tell|inform)\ (?:the\ |your\ |all\ |our\ )?(?:readers?|users?|audience)\ (?:that|to|their|they|about|it)\b
        | (?:output|print|return|say|write|repeat)\ (?:only|just|exactly|nothing\ but)
            \ (?:the|this|these|one|a|an|with|in)\b
        | (?:say|print|write|output|repeat|insert)\ the\ (?:word|phrase|text|string|following|sentence)\b
        | (?:add|include|insert|append|put|place|write|mention|start|begin|end|open|close|finish|prefix|praise|use|make
            |leave|keep|move|set|output|print|hide|cite)\b.{{0,80}}\b(?:your|the|this|every|each|any)
            \ (?:\w+\ )?{_ANSWER}\b(?!\ (?:to|of\ the\ (?:report|inquiry)))
        | (?:add|include|insert|append|put|post|show|place)\ (?:this|the|a|our|following)(?:\ following)?
            \ (?:links?|urls?|address|web\ ?site|image|banner|button|code|petition|html)\b
        | (?:encrypt|encode|render|reverse|translate|convert|rewrite)\ (?:your|this|the)\ (?:message|text)\b
        | include\s+[{{<%\[]
        | (?:repeat|print|output|show|quote|copy|recite)\b.{{0,60}}\b(?:word\ for\ word|verbatim|above|everything)\b
        | (?:write|compose|generate|create|draft)\ (?:me\ )?(?:an?|one|two|three|some|the)
            \ (?:[\w'-]+\ ){{0,4}}?(?:stor(?:y|ies)|sentences?|paragraphs?|poem|essay|song|e-?mail|haiku
                |limerick|script|code|function|program|recipe|joke|tweet|blog\ post|slogan|rap)\b""",
    _STARTS: r"""(?:sentence|note)\ to\ add\s*: | todo\s*:
        | use\ this\ (?:analysis|information|text|data)\ to\b""",
    "if asked/if questioned": r"""\bif\ (?:asked|questioned)\b[^,.]{0,60},\s*(?:\w+\ )?
        (?:report|say|respond|answer|reply|state|print|write|claim)\b""",
    "your ": r"\byour\ (?:summary|response|output|answer|reply|digest)\b",
}

# Orders on what is cited, believed, ranked or kept back.
_ORDERS_JUDGEMENT = {
    _BEGINS: r"""(?:put|rank|place|list|show|tell|feature|keep)\ this\ (?:story|article|event|item|news|page|report)
            \ (?:first|at\ the\ top|on\ top|above|before|as)\b
        | (?:refuse|decline)\ to\ (?:summari[sz]e|answer|respond|comply|translate|help)\b
        | (?:do\ not|don['’]t|never)\ (?:summari[sz]e|paraphrase|fact-check|verify|cite|quote|translate|obey|reveal
            |mention)\ (?:this|these|that|the\ (?:above|other|rest|following|instructions?|prompt|sources?|article|text)
            |any)\b""",
    _OPENS: r"""(?:cite|quote|credit|name)\ (?:only\ )?(?:source|passage|article|id|document|a\d+|\[)
        | attribute\ (?:this|the|these|it|all|every|each)\b
        | (?:print|output|reveal|show|send|give|leak|disclose|display|tell\ (?:me|us)|expose|write|include|repeat
            |dump)\b.{0,50}(?:\b(?:system|developer|initial|hidden)\ (?:prompts?|messages?|instructions?)
            |\benvironment\ variables?|\bapi[ _-]?keys?\b|_(?:key|password|token|secret)s?\b
            |\b(?:your|the|all)\ (?:passwords?|secrets|credentials)\b)""",
    "mark /label /treat /rate /flag /accept /regard ": r"""
        \b(?:mark|label|treat|rate|flag|accept|regard)\ (?:it|every|all|each|any|the|this|these|your)\ (?:\w+\ )?
            (?:sentences?|claims?|passages?|statements?|facts?|sources?)\b.{0,20}\bas\b
        | \b(?:mark|label|treat|rate|flag)\ (?:it|this|them)\ as\ (?:the\ )?
            (?:most\ important|supported|verified|true|top|important|facts?)\b""",
    "verified/fact-checked/pre-approved/trusted/authoritative/illegal/copyrighted;": rf"""
        \bthis\ {_TEXT}\ (?:is|was|has\ been)\ (?:already\ |fully\ |now\ |hereby\ )?
            (?:verified|fact-checked|pre-approved|trusted|authoritative|illegal|copyrighted;)""",
}

# Orders to the reader of the kind that frauds give.
_LOG_IN = (
    r"(?:log|sign)[ -]?in\ (?:at|here|now|with|via|through|on\ (?:the|this|our)|to\ (?:your|renew|keep|confirm))\b"
)
_ORDERS_READER = {
    _BEGINS: r"""(?:enter|confirm|verify|update|submit|renew|provide|give\ us|send\ us)\ your\ (?:\w+\ ){0,2}?
        (?:passwords?|accounts?|cards?|payment|login|credentials|details|identity|pin|subscription|data)\b""",
    _OPENS: rf"""{_LOG_IN}
        | (?:click|tap|press)\ (?:here|below|on\ (?:this|the)|this|the\ (?:link|button))\b
        | (?:visit|go\ to|open|download|follow)\ (?:this\ (?:link|page|site|file)|the\ (?:following|link)
            |https?:|www\.|[\w-]+\.(?:com|net|org|test|example|io)\b)
        | (?:send|transfer|pay)\ (?:(?:[\d.,]+|your|some|all)\ )?
            (?:bitcoins?|btc|eth|ether|crypto\w*|gift\ cards?)\b""",
    "readers /users /subscribers /customers ": rf"""
        \b(?:readers|users|subscribers|customers)\ (?:must|should|have\ to|need\ to)\ {_LOG_IN}""",
    "your ": r"""\byour\ (?:subscription|account|password|session|membership|card|device|computer|access)
        (?:\ (?:has|is|was|will\ be))?(?:\ (?:been|now))?\ (?:expire[ds]?|suspended|(?:b?lock|infect|revok)ed)\b""",
}

# Orders to a program that may read the claim after us: a turn of a chat, a template's tags, a message's header lines.
_ORDERS_PROGRAM = {
    "<": r"<\s?\| | <</?sys | <%",
    ">": r"\|\s?> | %>",
    "inst]": r"\[/?inst\]",
    "{": r"\{\{ | \{% | \$\{ | \#\{",
    "}": r"\}\} | %\}",
    "(": r"\b\w+_\w+\(|\b\w+\(\w+\s?=",
    "bcc": r"\bbcc\s?:",
    "reply-to/content-/mime-version/set-cookie/return-path": r"""(?:^|[\n.;|>])\s?\W{0,3}
        (?:reply-to|content-(?:type|length|disposition)|mime-version|set-cookie|return-path)\s*:""",
}

_ORDERS = (_OVERRULES, _ADDRESSES_MODEL, _ORDERS_ANSWER, _ORDERS_JUDGEMENT, _ORDERS_READER, _ORDERS_PROGRAM)
AT_PLACES = tuple(
    (re.compile(rf"(?x)(?:{at})(?=\w)"), re.compile("(?x)" + "|".join(kind[at] for kind in _ORDERS if at in kind)))
    for at in _PLACES
)
ANYWHERE = tuple(
    (word, re.compile(f"(?x){order}"))
    for kind in _ORDERS
    for words, order in kind.items()
    if words not in _PLACES
    for word in words.split("/")
)
