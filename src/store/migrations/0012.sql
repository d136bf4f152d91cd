-- Departments: a person belongs to one at most, and a department has its own house style.

alter table person add column department text check (length(department) between 1 and 60);

-- Until now an author was made a member of a department by a line of the pools. Where there were
-- several, the first by name is theirs.
update person set department =
    (select min(value) from pool_line l where l.person_id = person.id and l.kind = 'member');

create index person_by_department on person (department) where department is not null;

create table new_pool_line (
    person_id text not null references person (id),
    kind text not null check (kind in ('work-type', 'department')),
    value text not null check (length(value) between 1 and 60),
    primary key (person_id, kind, value)
) strict, without rowid;

insert into new_pool_line select person_id, kind, value from pool_line where kind <> 'member';
drop table pool_line;
alter table new_pool_line rename to pool_line;

create table new_house_style (
    layer text not null check (layer in ('site', 'department', 'author')),
    -- Empty for the site, else the department's name or the person's id.
    owner text not null,
    -- Who sets the marks; null where the layer below decides.
    mode text check (mode in ('spoken', 'auto', 'mixed')),
    -- The contested rules that this layer settles: a JSON object of switches.
    profile text not null,
    changed_by text not null,
    changed_at integer not null,
    primary key (layer, owner)
) strict;

insert into new_house_style select layer, owner, mode, profile, changed_by, changed_at
    from house_style;
drop table house_style;
alter table new_house_style rename to house_style;
