-- How reports are written for a site and for each author, and the texts kept under spoken names.

create table house_style (
    layer text not null check (layer in ('site', 'author')),
    -- Empty for the site, else the person's id.
    owner text not null,
    -- Who sets the marks; null where the layer below decides.
    mode text check (mode in ('spoken', 'auto', 'mixed')),
    -- The contested rules that this layer settles: a JSON object of switches.
    profile text not null,
    changed_by text not null,
    changed_at integer not null,
    primary key (layer, owner)
) strict;

create table normal (
    id text primary key,
    layer text not null check (layer in ('site', 'department', 'author')),
    -- Empty for the site, else the department's name or the person's id.
    owner text not null,
    name text not null,
    -- The name as it is compared: small letters and digits.
    key text not null,
    -- What is typed for it, such as "nlchest".
    shortcut text,
    text text not null,
    changed_by text not null,
    changed_at integer not null,
    unique (layer, owner, key)
) strict;

create unique index normal_shortcut on normal (layer, owner, shortcut)
    where shortcut is not null;
