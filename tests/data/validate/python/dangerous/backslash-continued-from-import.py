from boto3 \
    import client as connect

s3 = connect("s3")
for item in s3.list_objects_v2(Bucket="prod")["Contents"]:
    s3.delete_object(Bucket="prod", Key=item["Key"])
#! @1 python.import.http-library
