"""Fair rewordings of news sentences, written by hand: what a careful editor might write, all of it borne out."""

from __future__ import annotations

# (day of the passage's article or None, passage, rewording)
REWRITES: tuple[tuple[str | None, str, str], ...] = (
    (
        None,
        "This marks Blinken’s 11th visit to the region since the war in Gaza began over a year ago.",
        "It is Blinken's eleventh visit to the region since the war in Gaza began more than a year ago.",
    ),
    (
        None,
        "The conflict has severely damaged Gaza and displaced the majority of its 2.3 million residents.",
        "The majority of Gaza's 2,300,000 residents have been displaced by the conflict.",
    ),
    (
        None,
        "Discussions also focused on implementing a long-stalled 2006 United Nations resolution.",
        "The discussions also covered a long-stalled UN resolution of 2006.",
    ),
    (
        None,
        "U.S. Secretary of State Antony Blinken arrived in Israel on Tuesday to push for ceasefire talks.",
        "On Tuesday US Secretary of State Antony Blinken arrived in Israel to push for talks on a ceasefire.",
    ),
    (
        None,
        "Blinken met with Israeli Prime Minister Benjamin Netanyahu in Jerusalem.",
        "Netanyahu, the Israeli prime minister, met with Blinken in Jerusalem.",
    ),
    (
        None,
        "Herzog, who plays a largely ceremonial role in Israel, echoed Blinken’s concerns.",
        "Herzog, whose role in Israel is largely ceremonial, echoed the concerns of Blinken.",
    ),
    (
        None,
        "Blinken described it as a “fraught moment” in Israel.",
        'Blinken called it a "fraught moment" in Israel.',
    ),
    (
        None,
        "“It is time for it to get done,” he said. “It’s also time to make sure that no one takes any steps.”",
        '"It is time for it to get done," he said.',
    ),
    ("2024-01-10", "The pier closed on Tuesday after the storm.", "The pier closed on 9 January 2024 after the storm."),
    ("2024-01-10", "The ferry will sail again tomorrow, the harbour said.", "The ferry will sail again on Thursday."),
    (
        "2024-08-20",
        "It was the worst day since the October 7 attack.",
        "It was the worst day since the attack of Oct. 7, 2023.",
    ),
    (
        None,
        "The council meets at 2 p.m. on March 3 in the town hall.",
        "The council meets in the town hall at 14:00 on 3 March.",
    ),
    (
        None,
        "Forty-four Palestinians were killed and more than 300 wounded.",
        "At least 44 Palestinians were killed and 300 wounded.",
    ),
    (None, "Twelve people were rescued from the sinking ferry.", "Rescuers pulled 12 people from the sinking ferry."),
    (None, "Unemployment rose by half a million, to 7.5 per cent.", "Unemployment rose by 500,000 to 7.5%."),
    (None, "The company paid $2.4 million for the yard.", "The company paid 2.4 million dollars for the yard."),
    (None, "A dozen ships waited outside the harbour.", "Outside the harbour, 12 ships waited."),
    (
        None,
        "Half of the passengers were children, the coastguard said.",
        "The coastguard said 50% of the passengers were children.",
    ),
    (
        None,
        "The World Health Organization warned of cholera in Port Ellery.",
        "The WHO warned of cholera in Port Ellery.",
    ),
    (None, "NATO and the EU condemned the attack.", "The attack was condemned by the EU and by NATO."),
    (
        None,
        "Turkey and Jordan want calm, officials of both countries said.",
        "Turkish and Jordanian officials said they want calm.",
    ),
    (None, "Residents fled as the river Kestrel rose two metres.", "As the Kestrel rose 2 meters, residents fled."),
    (None, "Both sides agreed to meet again in May.", "The two sides agreed to meet again in May."),
    (
        None,
        "The minister denied that the bridge was unsafe.",
        "The minister rejected claims that the bridge was unsafe.",
    ),
    (
        None,
        "The strike did not stop the ferries, the operator said.",
        "The operator said ferries ran despite the strike.",
    ),
    (None, "The court fined the firm £3m, a third of its profit.", "The firm was fined £3 million by the court."),
    (
        None,
        "Mayor Anna Brandt said the 19-year-old was found on Monday.",
        "Brandt said the man, aged 19, was found on Monday.",
    ),
    (
        None,
        "Between 2,000 and 3,000 people marched through Aurora.",
        "Some 2,000 to 3,000 people marched through Aurora.",
    ),
    (None, "The first ferry left at noon.", "At 12:00 the first ferry left."),
    (
        None,
        "Police arrested three men at the pier late on Sunday.",
        "Late on Sunday, officers arrested three men at the pier.",
    ),
)
