"""Who acts in a text: persons and bodies for certain, nobody else."""

from __future__ import annotations

import pytest

from briefing.write.actors import actors, places


@pytest.mark.parametrize(
    ("sentences", "found"),
    [
        (["Ada Brandt, 34, left.", "Brandt wept."], ("Ada Brandt",)),
        (["Chief executive Ada Brandt left.", "Ms Brandt wept."], ("Ada Brandt",)),
        (["President Ada Brandt left.", "Brandt’s boat sank."], ("President Ada Brandt",)),
        (["The Dockside Workers' League left.", "He met the Dockside Workers' League."], ("Dockside Workers' League",)),
        (["The ferry Marren Grace left.", "The Marren Grace sank."], ()),
        (["He left Port Ellery.", "Nobody left Port Ellery."], ()),
        (["Israelis left.", "The Israelis said no.", "Palestinians said no."], ()),
        (["The Secretary of State left.", "The Secretary of State said no."], ()),
        (["Mayor Ada Brandt left.", "Mayor Tom Brandt wept."], ()),  # two people of one name
        (["Secretary Theresa May left.", "Theresa May wept."], ()),  # a month by its looks: half a name is none
        (["President Bashar al-Assad left.", "He met President Bashar al-Assad."], ()),
        (["Ada Brandt said no.", "He left.", "It rained.", "It sank."], ()),  # named once
    ],
)
def test_who_is_a_person_or_a_body_for_certain(sentences, found):
    assert actors(sentences, "\n".join(sentences)) == found


def test_a_name_behind_in_or_near_is_a_place_unless_it_is_a_person_s_or_a_body_s():
    text = (
        "They met in Marlow, near Upper Sallow, in northern Gaza. He trusts in President Ada Brandt, in the Coal Board."
    )
    assert places(text) == {"Marlow", "Upper Sallow", "Gaza"}
