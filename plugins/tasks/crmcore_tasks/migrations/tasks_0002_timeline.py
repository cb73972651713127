"""To-dos about a record in the order in which they are due, which timelines read."""

from crmcore.database.migrations import Index, Migration, create_index, drop_index

migration = Migration(
    operations=[
        create_index("task", Index(("subject_type", "subject_id", "due_at desc"))),
        drop_index("task", "task_subject_type_subject_id_idx"),
    ]
)
