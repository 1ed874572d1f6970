"""Pure functions from raw files to a trained network and its answers; the only place that reads or writes files.

Imports run one way: `cli, gui → pipeline → kernels`. Inside, the rooms are `prepare` (raw data to columns), `train`,
`model` (what is stored), `recognise` (ink and images to digits), `report` (figures for people) and `bench`; they stand
on the modules beside them, such as `types`, `files` and `archive`, which know nothing of them.
"""
