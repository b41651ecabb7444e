"""Receiving files of the web (settings.FILE_UPLOAD_HANDLERS): in memory only, so that nothing touches the disk unsealed."""

import io

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class MemoryOnly(FileUploadHandler):
    """Keeps up to the upload limit; what is beyond it is counted and dropped, and the form refuses by the size."""

    def new_file(self, *args: object, **options: object) -> None:
        super().new_file(*args, **options)
        self.kept = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) <= settings.UPLOAD_LIMIT_BYTES:
            self.kept.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.kept.seek(0)
        return InMemoryUploadedFile(
            self.kept, self.field_name, self.file_name, self.content_type, file_size, self.charset, self.content_type_extra
        )
