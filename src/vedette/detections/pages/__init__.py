"""Published pages of detections: takes a page's text, gives the detection it describes."""
