"""The table of page furniture, second half: what pages say to their readers."""

from __future__ import annotations

from briefing.collect.cleaning.rule import Rule, rule

COMMENTS = "comments"
RELATED = "related"

READER: tuple[Rule, ...] = (
    rule(
        "comment-rules",
        "^ warning attention notice please note all your reader comment comments sie du you log login sign register",
        r"""(?:(?:warning|attention|notice|please\s+note|note)\s*[:!]\s*)?
            (?:all\s+|your\s+|reader\s+)?comments?\s+(?:that|which|containing|with|are|will|must|may)\b.*
            \b(?:approved|published|moderated|removed|deleted|own|screened)\b.*
          | (?:sie\s+müssen|du\s+musst)\s+(?:eingeloggt|angemeldet|registriert)\s+sein\b.{0,30}\bkommentar.{0,80}
          | (?:you\s+(?:must|need\s+to)\s+(?:be\s+logged|log|sign)\s+in|log\s?in|sign\s+in|register)\s+to\s+
            (?:(?:post|leave|add|write|join)\s+)?(?:a\s+|the\s+)?(?:comment|reply|discussion|conversation)s?\b.{0,60}""",
        400,
        (
            "WARNING: Comments that contain insults and are written in capital letters are not approved.",
            "Comments are moderated before they appear.",
            "You must be logged in to post a comment.",
            "Du musst eingeloggt sein, um Kommentare zu schreiben!",
        ),
        ("Comments by the minister that were published on Monday angered the union.",),
    ),
    rule(
        COMMENTS,
        "",
        r"""(?:\d+\s+)?(?:readers?['’]?s?\s+|user\s+|top\s+|all\s+)?(?:comments?|kommentare?|leserkommentare)
            (?:\s*[(\[:]?\s*\d+\s*[)\]]?)?:?
          | (?:leave|post|add|write)\s+a\s+(?:comment|reply)|(?:show|view|read|hide)\s+(?:all\s+)?(?:\d+\s+)?comments
          | (?:neue(?:ste)?\s+)?kommentare?(?:\s+insgesamt)?\s*:?\s*\d*|schreib(?:e|en\s+sie)\s+einen\s+kommentar
          | (?:\d+\s+)?(?:commentaires?|comentarios?|comentários?|commenti|komentarze?y?
              |reacties)(?:\s*[(\[:]?\s*\d+\s*[)\]]?)?:?
          | (?:laisser\s+un\s+commentaire|deja\s+(?:un|tu)\s+comentario|lascia\s+un\s+commento|dodaj\s+komentarz)
          | comments\s+are\s+closed\.?|join\s+the\s+(?:conversation|discussion)|what\s+readers\s+say
          | kommentar\s+(?:schreiben|verfassen)""",
        50,
        ("Comments", "Comments (2)", "Readers' comments (14)", "Leave a reply", "Kommentare", "Comentarios: 3"),
        ("Comments by mayor anger dockers", "Comments 'taken out of context'"),
    ),
    rule(
        RELATED,
        "",
        r"""(?:related(?:\s+(?:posts?|articles?|stories|story|news|content|topics|links|coverage|reading))?
          | you\s+(?:may|might)\s+also\s+(?:like|enjoy|be\s+interested\s+in)
          | more\s+(?:stories|news|articles|on\s+this(?:\s+story)?)
          | more\s+from(?:\s+[\w'’]+){1,4}|recommended(?:\s+(?:for\s+you|stories|articles))?
          | read\s+(?:more|next|also|on)|also\s+read|see\s+also
          | what\s+to\s+read\s+next|trending(?:\s+now)?
          | top\s+stories|most\s+(?:read|popular|viewed)|latest\s+(?:news|stories)
          | editors?['’]?s?['’]?\s+picks?|don['’]t\s+miss
          | mehr\s+(?:zum\s+thema|themen|artikel|nachrichten)
          | zum\s+thema|schon\s+gelesen|weitere\s+(?:themen|beiträge|nachrichten)
          | lesen\s+sie\s+(?:mehr|weiter|auch\s+die\s+folgenden\s+(?:beiträge|artikel))
          | (?:le|te)\s+puede\s+interesar|(?:noticias|artículos|notas)\s+relacionad[ao]s|lea\s+también|más\s+noticias
          | (?:à\s+)?lire\s+aussi|sur\s+le\s+même\s+(?:sujet|thème)|dans\s+la\s+même\s+rubrique|leggi\s+anche
          | articoli\s+correlati|zobacz\s+(?:też|także|również)|czytaj\s+(?:też|także|również|więcej)|polecane
          | notícias\s+relacionadas|leia\s+(?:também|mais)|lees\s+(?:ook|meer)
          | läs\s+(?:också|mer)|les\s+også|lue\s+(?:myös|lisää)
          | lesen\s+sie\s+auch|das\s+könnte\s+sie\s+auch\s+interessieren|weitere\s+artikel
          | meistgelesen|auch\s+interessant)\s*[:.…]*""",
        60,
        (
            "Related Post",
            "Related articles",
            "More from the region",
            "You may also like",
            "Mehr zum Thema",
            "Le puede interesar:",
        ),
        ("Related party deals cost the bank £3m", "More from Mr Corrigan is expected on Tuesday"),
    ),
    rule(
        "read-more",
        (
            "^ read see watch listen also related more lesen mehr don le te también puede puedes lea lee leer "
            "vea mira mire à lire voir leggi leia veja saiba lees läs les lue zobacz czytaj siehe passend schon "
            "im auch next click tap continue view"
        ),
        r"""(?:read|see|watch|listen)(?:\s+(?:more|also|next|now|here))?\s*:\s*.{2,150}
          | (?:also\s+read|related|more\s+on\s+this(?:\s+story)?|lesen\s+sie\s+(?:auch|mehr|dazu)|mehr\s+dazu
              |don['’]t\s+miss)\s*:\s*.{2,150}
          | [(\[]?(?:(?:le|te)\s+puede\s+interesar|(?:también\s+)?(?:puede|puedes)\s+leer
              |(?:lea|lee|leer|vea|mire?)\s+(?:también|más|aquí|además)
              |(?:à\s+)?lire\s+(?:aussi|également)|voir\s+aussi|leggi\s+anche|leia\s+(?:também|mais)|veja\s+(?:também|mais)|saiba\s+mais
              |lees\s+ook|läs\s+(?:också|mer)|les\s+også|lue\s+(?:myös|lisää)|(?:zobacz|czytaj)\s+(?:też|także|również|więcej)
              |mehr\s+(?:lesen|zum\s+thema)|siehe\s+auch|passend\s+dazu|schon\s+gelesen|im\s+video|auch\s+interessant)
              \s*[:|»?–-]+\s*.{2,150}
          | (?-i:MORE|NEXT)\s*:\s*.{2,150}|(?-i:LIRE\ AUSSI|ZOBACZ\ WIDEO|LEE\ MÁS)\b.{2,150}
          | (?:click|tap)\s+here\s+(?:to|for)\b.{2,100}|continue\s+reading\b.{0,100}
          | (?:read|view)\s+(?:the\s+)?full\s+(?:story|article)\b.{0,60}""",
        180,
        (
            "Read more: Ten things to do in Kestrel Bay when it rains",
            "Related: Pier 4 is closed",
            "Continue reading...",
            "Lire aussi : Le quai 4 est fermé",
            "(Le puede interesar: Cierran el muelle 4)",
            "Mehr lesen: Der Anleger ist gesperrt",
            "MORE: Pier 4 is closed",
        ),
        (
            "More: 812 people voted.",
            "También puede leer el contrato el juez.",
            "Read more closely, the contract says otherwise.",
            "See how the vote went: 812 to 143.",
        ),
    ),
    rule(
        "share",
        (
            "share shares tweet pin facebook twitter x whatsapp telegram linkedin reddit pinterest "
            "instagram email mail print copy send save bookmark unsubscribe teilen drucken view views "
            "like likes reads read"
        ),
        r"""(?:(?:share(?:\s+(?:this|on|via|by|with|it|article|story|post)(?:\s+[\w'’]+){0,6})?|tweet(?:\s+this)?|pin\s+it
          | facebook|twitter|x|whatsapp|telegram|linkedin|reddit|pinterest|instagram|e-?mail(?:\s+this(?:\s+article)?)?
          | print(?:\s+this(?:\s+article|\s+page)?)?|copy\s+link|send\s+to\s+a\s+friend|save(?:\s+for\s+later)?|bookmark
          | unsubscribe|diesen\s+artikel\s+teilen|teilen|drucken|\d[\d.,]*k?\s+(?:shares?|views?|likes?|reads?))
          [\s|/·•,.:!]*+)+""",
        120,
        ("Share this article", "Facebook Twitter WhatsApp", "Share this newsletter with a workmate | Unsubscribe"),
        ("Share prices fell by 6.5 per cent on Monday", "Twitter sues the ministry"),
    ),
    rule(
        "newsletter",
        (
            "newsletter newsletters inbox alert alerts mailing bulletin channel columnists subscribe receive "
            "receiving received download suscríbete suscribete suscríbase suscribase abonnez inscrivez "
            "iscriviti assine zapisz sign"
        ),
        r"""(?:sign\s+up|subscribe|register|get|receive|join)\b.{0,80}\b
            (?:newsletters?|your\s+inbox|e-?mail\s+alerts?|mailing\s+list|bulletin\s+in|our\s+channel|our\s+columnists)\b.{0,60}
          | subscribe(?:\s+(?:now|today|here|to\s+[\w'’]+(?:\s+[\w'’]+){0,4}))?[.!]?
          | (?:[\w'’]+[ ,]+){0,6}(?:in|to)?\s*your\s+inbox[.!]?
          | (?:(?:our|the|daily|weekly|free|morning)\s+){0,3}newsletters?(?:\s+(?:sign-?up|abonnieren|bestellen))?[.!]?
          | you\s+(?:receive|are\s+receiving|received)\b.{2,80}\bbecause\b.{2,80}
          | (?:[^.!?]{0,100}\?\s+)?(?:(?:jetzt|hier|dann|gleich)\s+)?(?:abonnier(?:en\s+sie|e|t\s+unser\w*)
              |melden\s+sie\s+sich|melde\s+dich)\b.{0,80}\bnewsletter\b.{0,80}
          | [^.!?]{0,40}\bnewsletters?\s+(?:abonnieren|erhalten|anmelden|bestellen)[.!]?
          | (?:suscr[ií]b(?:ete|ase)|abonnez-vous|inscrivez-vous|iscriviti|assine|zapisz\s+się)\b.{0,120}
          | [^.!?]{0,100}\?\s+sign\s+up\s+(?:here|now|today)[.!]?
          | .{0,60}\bdownload\s+(?:the|our)\s+.{2,40}\bapp\b.{0,30}""",
        200,
        (
            "Sign up for our free Harbour Morning newsletter.",
            "Get the Coastline breakfast bulletin in your inbox every day.",
            "Subscribe to Northern Line News for more from our columnists.",
            "Newsletter abonnieren",
            "Abonnieren Sie jetzt den Newsletter «Hafen».",
            "Suscríbete a nuestro boletín",
            "Do you want to hear more of the harbour? Sign up here",
        ),
        (
            "Der Newsletter der Stadt wird eingestellt.",
            "Subscribers to the ferry's bulletin were told at dawn.",
            "Get out of the harbour, the coastguard told crews.",
        ),
    ),
    rule(
        "advertisement",
        (
            "^ advertisement advertisements advertising ad ads sponsored promoted paid anzeige werbung "
            "publicidad publicité publicidade pubblicità reklama advertentie story article text scroll remove"
        ),
        r"""(?:advertisements?|advertising|ad|ads|sponsored(?:\s+(?:content|post|by\s+.{2,40}))?|promoted|paid\s+(?:content|post)|anzeige|werbung|publicidad|publicité|publicidade|pubblicità|reklama|advertentie)
            (?:\s*:\s*.{2,120})?
          | (?:story|article|text)\s+continues?\s+(?:below|after)\b.{0,60}|scroll\s+(?:down\s+)?to\s+continue.{0,40}
          | remove\s+ads?""",
        150,
        ("Advertisement", "Advertisement: Winter tyres fitted while you wait", "Story continues below advertisement"),
        ("Advertisement spending rose by a tenth last year.", "Ad sales fell"),
    ),
    rule(
        "follow",
        (
            "^ follow like find join add folgt folgen likt liken besucht besuchen siga síga siganos síganos "
            "siguenos síguenos suivez seguici volg"
        ),
        r"""(?:follow|like|find|join|add)\s+(?:us|me|him|her|them|the\s+author|[\w'’ ]{2,40}|@\w+)\s+(?:on|at|@)\s+
            (?:our\s+)?(?:facebook|twitter|x|instagram|telegram|whatsapp|youtube|linkedin|bluesky|mastodon|threads|tiktok|google\s+news|social\s+media)\b.{0,80}
          | (?:folg(?:t|en\s+sie)|lik(?:t|en\s+sie)|besuch(?:t|en\s+sie))\s+(?:uns|mir|ihm|ihr)\b.{0,100}
          | (?:s[ií]ga(?:nos)?|s[ií]guenos|suivez(?:-|\s)nous|seguici|siga-nos|volg\s+ons)\b.{0,100}
          | follow\s+us\s*:.{0,120}
          | follow\s+(?:us|me|him|her|them)\b.{0,60}|(?:folgen\s+sie\s+uns)\b.{0,80}""",
        150,
        (
            "Follow us on Facebook and Instagram",
            "Follow her on Gullnet.",
            "Liken Sie uns auf Facebook",
            "Síguenos en Facebook",
        ),
        ("Follow the money, the prosecutor told the jury.",),
    ),
    rule(
        "subscribers-only",
        (
            "^ subscribe register log login sign signin signup pay to already this jetzt weiterlesen dieser if "
            "abonnieren anmelden registrieren einloggen sie du cet la il contenido artículo nota conteúdo "
            "contenuto"
        ),
        r"""(?:subscribe|register|log\s*in|sign\s+(?:in|up)|pay)(?:\s+now)?\s+to\s+(?:continue|keep|read|unlock|access)\b.{0,100}
          | to\s+(?:view|read|see|access)\s+(?:(?:the|this)\s+)?(?:full\s+|whole\s+|rest\s+of\s+(?:the|this)\s+)?
            (?:story|article|text)\b.{0,40}\b(?:subscribe|log|sign|register|buy)\b.{0,120}
          | if\s+you(?:['’]re|\s+are)\b.{0,60}\balready\s+a\s+(?:subscriber|member)\b.{0,100}
          | (?:jetzt\s+)?(?:abonnieren|anmelden|registrieren|einloggen)
            (?:\s+und|,?\s+um)\s+.{0,30}weiter(?:zu)?lesen\b.{0,30}
          | (?:sie\s+sind|du\s+bist)\s+(?:bereits|schon)\s+(?:abonnent\w*|registriert|mitglied)\b.{0,60}
          | (?:cet\s+article|la\s+suite(?:\s+de\s+cet\s+article)?)
            \s+(?:est\s+)?réservée?\s+(?:à\s+nos|aux)\s+abonnés.{0,60}
          | il\s+vous\s+reste\s+.{2,30}\s+à\s+lire\b.{0,80}
          | (?:contenido|artículo|nota|conteúdo|contenuto)\s+(?:exclusiv\w+|sol[ao]|riservato)\s+
            (?:para\s+|a(?:gli)?\s+)?(?:suscriptores|assinantes|abbonati).{0,60}
          | to\s+(?:continue|keep)\s+reading\b.{0,100}
          | already\s+(?:a\s+)?(?:subscriber|subscribed|member|registered)\b.{0,60}
          | this\s+(?:content|article|story)\s+is\s+(?:only\s+|exclusively\s+)?(?:available\s+)?
              (?:for|to)\s+(?:our\s+)?(?:subscribers|members)\b.{0,60}
          | (?:jetzt\s+)?weiterlesen\s+mit\b.{0,60}|(?:dieser\s+artikel\s+ist\s+nur\s+für\s+abonnenten)\b.{0,60}""",
        180,
        (
            "Subscribe to continue reading",
            "Already a subscriber? Log in",
            "This article is only for subscribers.",
            "To view the full story, please subscribe to the Post.",
            "Jetzt anmelden und weiterlesen",
            "Cet article est réservé aux abonnés.",
        ),
        ("Subscribers to the scheme will pay more to continue, the council said.",),
    ),
    rule(
        "support",
        "unterstützen unterstütze unterstützt support apóyanos soutenez",
        r"""(?:[^.!?]{0,80}[.!?:,]?\s+)?(?:unterstütz(?:e|t|en\s+sie)\s+(?:uns\b|unser\w*\s+(?:arbeit|magazin|journalismus|projekt|redaktion))
              |support\s+(?:our|independent)\s+(?:journalism|work|newsroom|magazine|reporting)|soutenez(?:-|\s)nous)
            \b.{0,100}|apóyanos\b.{0,100}""",
        200,
        ("Unterstütze unsere Arbeit mit einem kleinen Beitrag.", "Support our journalism with a gift", "Apóyanos"),
        ("The minister called on allies to support our troops.", "Sie unterstützt die Arbeit der Taucher."),
    ),
)
