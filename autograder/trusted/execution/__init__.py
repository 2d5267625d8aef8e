"""The trusted end of a worker: the template is started, workers are made and asked, a notebook is executed."""
