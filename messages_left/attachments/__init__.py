"""Files and recordings of messages: taken in from strangers, kept, shown to operators."""
