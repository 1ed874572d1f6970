"""Other people's libraries as systems that are measured, a module each; they come with the extra `peers`.

They are thin on purpose, and tests can't run them where the libraries are not installed: what proves them is that
`bench --peers` compares each one's loss, gradients and answers with NumPy's before it takes any time.
"""
