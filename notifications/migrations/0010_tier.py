from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notifications", "0009_topics")]

    operations = [
        migrations.RenameField("card", "rung", "tier"),
        migrations.RenameField("outboxmessage", "rung", "tier"),
    ]
