"""When an edition is due, and what sees to it that somebody looks: a timer, a cron line or a daemon."""
