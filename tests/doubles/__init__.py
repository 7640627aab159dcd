"""In-memory stand-ins for S3, SQS and EventBridge, faithful in what the services rely on."""
