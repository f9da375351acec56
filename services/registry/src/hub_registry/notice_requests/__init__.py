"""Notices to one person, outside any round, with a link that is theirs alone and made when it is sent."""
