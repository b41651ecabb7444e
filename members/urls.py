from django.urls import path

from members.views import acts, attachments, checks, correcting, duplicates, file, held, milestones, records, roster, standing

app_name = "members"
urlpatterns = [
    path("", roster.roster, name="list"),
    path("find/", roster.find, name="find"),
    path("new/", acts.new, name="new"),
    path("branches/", acts.branches, name="branches"),
    path("milestones/", milestones.milestones, name="milestones"),
    path("held/", held.held, name="held"),
    path("held/<uuid:uuid>/", held.decide, name="decide"),
    path("duplicates/", duplicates.duplicates, name="duplicates"),
    path("duplicates/<uuid:uuid>/<uuid:other>/", duplicates.duplicate, name="duplicate"),
    path("duplicates/<uuid:uuid>/<uuid:other>/apart/", duplicates.apart, name="apart"),
    path("<uuid:uuid>/", file.file, name="file"),
    path("<uuid:uuid>/merged/", duplicates.merged, name="merged"),
    path("<uuid:uuid>/reveal/<slug:field>/", file.reveal, name="reveal"),
    path("<uuid:uuid>/seers/", file.seers, name="seers"),
    path("<uuid:uuid>/edit/", acts.edit, name="edit"),
    path("<uuid:uuid>/correct/", correcting.correct, name="correct"),
    path("<uuid:uuid>/branch/", acts.branch, name="branch"),
    path("<uuid:uuid>/leave/", standing.decide, {"act": "leave"}, name="leave"),
    path("<uuid:uuid>/convert/", standing.decide, {"act": "convert"}, name="convert"),
    path("<uuid:uuid>/restore/", standing.decide, {"act": "restore"}, name="restore"),
    path("<uuid:uuid>/readmit/", standing.decide, {"act": "readmit"}, name="readmit"),
    path("<uuid:uuid>/come-back/", standing.decide, {"act": "come-back"}, name="come_back"),
    path("<uuid:uuid>/checks/", checks.checks, name="checks"),
    path("<uuid:uuid>/photo/", attachments.photo, name="photo"),
    path("<uuid:uuid>/attachments/new/", attachments.attach, name="attach"),
    path("<uuid:uuid>/attachments/<uuid:attachment>/", attachments.attachment, name="attachment"),
    path("<uuid:uuid>/attachments/<uuid:attachment>/withdraw/", attachments.attachment_withdraw, name="attachment_withdraw"),
    path("<uuid:uuid>/records/<slug:kind>/", records.records, name="records"),
    path("<uuid:uuid>/records/<slug:kind>/new/", records.record_new, name="record_new"),
    path("<uuid:uuid>/records/<slug:kind>/<uuid:record>/", records.record_edit, name="record_edit"),
    path("<uuid:uuid>/records/<slug:kind>/<uuid:record>/withdraw/", records.record_withdraw, name="record_withdraw"),
    path("<uuid:uuid>/activation/", acts.activation, name="activation"),
]
