-- What the recogniser weighed against what it had heard first, beside the words of a transcript:
-- a JSON list of [first word, word after the last, heard first, score, [alternatives]].
alter table transcript add column reconsidered text not null default '[]';
