-- How fast an author dictates: how long a pause ends a phrase; null where the layer below decides.
alter table house_style add column pace text check (pace in ('slow', 'usual', 'fast'));
