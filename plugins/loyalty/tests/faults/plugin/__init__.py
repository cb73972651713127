"""What the processes of a run have besides: the run's clock, schedules that are looked at often, and a defect if one is planted."""
