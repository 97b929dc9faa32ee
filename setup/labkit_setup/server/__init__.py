"""JupyterLab as labkit serves it: on one's own machine for `lab`, as a service for `pi`.

`settings` says what to serve and `configuration` turns that into Jupyter's own words; both are pure. `app` is the
server. What it adds to Jupyter's: `tls` and `hosts` (who is answered), `login`, `throttle` and `credentials` (who
gets in), `culling` (which kernels end), `audit` (what is told), and `checks`, which refuses to serve if any of that
is missing.
"""
