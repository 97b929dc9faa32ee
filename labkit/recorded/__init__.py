"""Recorded runs: read, asked, drawn and exported. numpy is loaded when first used."""
