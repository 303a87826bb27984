"""Mailboxes: mail read by IMAP and told of by IDLE, parsed so that nothing in a mail can stop the reading."""
