"""Files read with an Augeas lens: the lens says what a text means and judges every new text; edits are splices."""
