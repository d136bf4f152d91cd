-- What is asked of the audit at each look at a worklist and at each piece of a recording that is
-- played, and what the daily check of the recordings found.

create index audit_worklist on audit (actor, seq)
    where act = 'view-worklist' and outcome = 'done';
create index audit_listening on audit (actor, subjects, at)
    where act = 'listen-audio' and outcome = 'done';

-- The newest check of each recording; a finding stays until a later check finds nothing.
create table audio_check (
    audio_digest text primary key,
    checked_at integer not null,
    finding text check (finding in ('missing', 'damaged', 'illegible'))
) strict;

create index audio_check_by_age on audio_check (checked_at);
create index audio_check_finding on audio_check (finding) where finding is not null;
