"""Many detections over the same data in one pass: findings and reports."""
