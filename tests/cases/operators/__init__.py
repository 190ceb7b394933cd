"""The five published cases once more, through the pages, with people who change their minds, travel and disagree."""
