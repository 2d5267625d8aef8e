"""Whose each file is, and which notebook: what find.py asks, in this order.

owner.py: the student in whose folder a path lies. layout.py: whether a folder is a class or one student's.
folders.py: where in a student's folder files may stand. hand_ins.py: what each student has handed in. candidates.py:
which notebook each file could be, and which file counts. student_ids.py: the ids of all who were found.

who.py has the rule, in words and for names.
"""
