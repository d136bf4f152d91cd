-- What is asked of the audit at each look at a worklist and at each piece of a recording that is
-- played.

create index audit_worklist on audit (actor, seq)
    where act = 'view-worklist' and outcome = 'done';
create index audit_listening on audit (actor, subjects, at)
    where act = 'listen-audio' and outcome = 'done';
